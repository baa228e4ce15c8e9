import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  globSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = resolve(import.meta.dirname, "../..");
const CACHE = join(ROOT, "node_modules/.cache/bundled-programs");
const PROGRAMS = [
  "src/bootstrap/main.ts",
  "src/bootstrap/azure-key-pool.mjs",
  "src/bootstrap/demo.ts",
  "test/adapters/mikro-orm/sqlite/database-child.ts",
].map((file) => join(ROOT, file));
/** Where the programs of this run are. */
const FOLDER = "BUNDLED_PROGRAMS";
const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * The same program in a few files with all that it imports, where the run has made them: to find and load 1,500 modules
 * is more than half of what the start of a process takes. What a test puts its hands on from outside has to be started
 * from the source, or stay outside.
 */
export function bundled(program: string): string {
  const folder = process.env[FOLDER];
  if (folder === undefined || !PROGRAMS.includes(program)) return program;
  return join(folder, `${basename(program, extname(program))}.js`);
}

/** Makes them for all tests of a run, unless they have been made of these sources before. */
export default async function setup(): Promise<void> {
  // The workers take their environment from this process.
  process.env[FOLDER] ??= await bundle();
}

async function bundle(): Promise<string> {
  const into = join(CACHE, stampOfSources());
  if (existsSync(into)) {
    const now = new Date();
    utimesSync(into, now, now);
    return into;
  }
  const { build } = await import("vite");
  const fresh = `${into}.${randomUUID()}`;
  await build({
    configFile: false,
    root: ROOT,
    logLevel: "error",
    plugins: [{ name: "own-place", enforce: "pre", transform: inItsOwnPlace }],
    // The native part of the one is beside it; calls to either are counted from outside.
    ssr: { noExternal: true, external: ["better-sqlite3", "pg"] },
    build: {
      ssr: true,
      outDir: fresh,
      target: "node24",
      // The less there is to read, the sooner it starts.
      minify: false,
      rolldownOptions: {
        input: PROGRAMS,
        output: { keepNames: true, minify: { compress: false, mangle: false, codegen: true } },
      },
    },
  });
  // Without it Node would parse each file twice to learn what it is.
  writeFileSync(join(fresh, "package.json"), '{ "type": "module" }');
  try {
    renameSync(fresh, into);
  } catch (error) {
    // Another run has made the same meanwhile.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(into)) throw error;
  }
  removeOld();
  return into;
}

/** Code that looks for what is beside it finds it from anywhere. */
function inItsOwnPlace(code: string, id: string): string | undefined {
  if (!/\bimport\.meta\b|\b__dirname\b/.test(code)) return undefined;
  const folder = JSON.stringify(dirname(id));
  return code
    .replaceAll(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(id).href))
    .replaceAll(/\bimport\.meta\.dirname\b/g, folder)
    .replaceAll(/\b__dirname\b/g, folder);
}

function stampOfSources(): string {
  const sources = ["src/**/*.{ts,mjs}", "test/situations/*.ts", "test/**/*-child.ts"];
  const files = globSync(sources, { cwd: ROOT, exclude: ["src/adapters/dashboard/page/**"] });
  const hash = createHash("sha256");
  for (const file of [...files.toSorted(), "package-lock.json", import.meta.filename])
    hash.update(file).update(readFileSync(resolve(ROOT, file)));
  return hash.digest("hex").slice(0, 16);
}

function removeOld(): void {
  for (const name of readdirSync(CACHE)) {
    const folder = join(CACHE, name);
    // Another run may have removed it meanwhile.
    const { mtimeMs = 0 } = statSync(folder, { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}
