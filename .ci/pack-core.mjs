// Makes the package of those who embed the pool, which depends on nothing, out of what has been built:
// `node .ci/pack-core.mjs [into]`, then `npm pack` there. It has the same files as the whole package, but fewer.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = resolve(import.meta.dirname, "..");

/** What loads nothing of any other package; `./testing` loads the test runner of who uses it. */
const EXPORTS = [
  ...[".", "./domain", "./ports", "./in-memory", "./client", "./translator", "./node-crypto"],
  "./testing",
];

/** Puts the package into a folder. `from` holds the whole one, built. */
export function packCore(from, into) {
  const { name, version, description, license, type, engines, ...whole } = JSON.parse(
    readFileSync(join(from, "package.json"), "utf8"),
  );
  const { peerDependencies, peerDependenciesMeta } = whole;
  const exports = Object.fromEntries(
    EXPORTS.map((path) => [path, { types: whole.exports[path].types, default: whole.exports[path].default }]),
  );
  const files = new Set();
  for (const targets of Object.values(exports)) {
    for (const target of Object.values(targets)) follow(join(from, target), files);
  }
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  for (const file of files) cpSync(file, join(into, file.slice(from.length)));
  cpSync(join(from, "LICENSE"), join(into, "LICENSE"));
  const manifest = {
    ...{ name: `${name}-core`, version, description, license, type, private: whole.private, engines },
    ...{ files: ["dist"], exports, peerDependencies, peerDependenciesMeta },
  };
  writeFileSync(join(into, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(into, "README.md"), readmeOf(name));
}

/** Adds a file and all that it leads to. */
function follow(file, files) {
  if (files.has(file)) return;
  files.add(file);
  const specifiers = readFileSync(file, "utf8").matchAll(/(?:\bfrom |^import |\bimport\()"(\.[^"]+)"/gm);
  for (const [, specifier] of specifiers) {
    const target = join(dirname(file), specifier);
    // Declarations name the module or its source.
    follow(file.endsWith(".d.ts") ? target.replace(/\.[jt]s$/, ".d.ts") : target, files);
  }
}

function readmeOf(name) {
  return `# ${name}-core

The part of \`${name}\` that depends on no other package: the pool with its in-memory
adapters, the client of the HTTP API, the probe of Translator keys, and the contract suites for adapters of your own.

\`\`\`ts
import { createKeyPool } from "${name}-core";
import { createInMemoryPorts } from "${name}-core/in-memory";
\`\`\`

Storage, Redis and the server are in \`${name}\`, of the same version.
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  packCore(ROOT, resolve(process.argv[2] ?? join(ROOT, "dist-core")));
}
