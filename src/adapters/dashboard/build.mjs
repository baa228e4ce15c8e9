// Builds the dashboard's page: `node build.mjs [folder]`, default `built` beside this file. Plain JavaScript, so that any
// Node runs it. With `--if-possible`, as after an installation, it says why it could not and fails nobody: the server
// runs without it, and a production installation has no Vite.
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const HERE = import.meta.dirname;
const DOMAIN = join(HERE, "../../domain");
const BUILT = join(HERE, "built");

/** Builds it, unless what stands there was made of these sources. Takes the old one's place at once. */
export async function buildDashboard(into = BUILT) {
  const stamp = stampOfSources();
  if (stampOf(into) === stamp) return;
  const { build } = await import("vite");
  const fresh = `${into}.${randomUUID()}`;
  await build({
    configFile: false,
    root: join(HERE, "page"),
    logLevel: "warn",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: fresh,
      emptyOutDir: true,
      target: ["chrome123", "firefox120", "safari17.5"],
      // Everything is a file: the page's policy allows nothing inline.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
  for (const file of filesIn(fresh)) compress(join(fresh, file));
  writeFileSync(join(fresh, "stamp"), stamp);
  mkdirSync(join(into, ".."), { recursive: true });
  const old = `${fresh}.old`;
  try {
    if (existsSync(into)) renameSync(into, old);
    renameSync(fresh, into);
  } catch (error) {
    // Somebody else has built the same meanwhile.
    if (stampOf(into) !== stamp) throw error;
  } finally {
    for (const folder of [old, fresh]) rmSync(folder, { recursive: true, force: true });
  }
}

function compress(file) {
  const content = readFileSync(file);
  writeFileSync(`${file}.br`, brotliCompressSync(content));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}

function stampOfSources() {
  const hash = createHash("sha256").update(readFileSync(import.meta.filename));
  for (const folder of [join(HERE, "page"), DOMAIN]) {
    for (const file of filesIn(folder)) {
      hash.update(file).update(readFileSync(join(folder, file)));
    }
  }
  return hash.digest("hex");
}

function filesIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, path = parentPath, name }) => relative(folder, join(path, name))).sort();
}

function stampOf(folder) {
  const file = join(folder, "stamp");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [, , target] = process.argv;
  const mayFail = target === "--if-possible";
  await buildDashboard(mayFail ? undefined : target).catch((error) => {
    if (!mayFail) throw error;
    console.log(`The dashboard is not built: ${error.message}`);
  });
}
