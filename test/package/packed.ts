import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

interface ExportTargets {
  readonly "azure-key-pool:source": string;
  readonly types: string;
  readonly default: string;
}

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<"azure-key-pool", string>>;
  readonly exports: Readonly<Record<string, ExportTargets>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  /** Whether a package may run a script when it is installed. */
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

export const MANIFEST: Manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** `azure-key-pool/<folder>` of each export. */
export const SPECIFIERS: readonly string[] = Object.keys(MANIFEST.exports).map((path) =>
  path.replace(".", "azure-key-pool"),
);

/** A scratch folder outside of the project, where none of its packages can be found. */
export interface Scratch {
  readonly folder: string;
  /** Runs a program there and answers its output. */
  run(program: string, ...args: readonly string[]): string;
  remove(): void;
}

export function scratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), "key-pool-package-"));
  const run = (program: string, ...args: readonly string[]) => runIn(folder, program, ...args);
  return { folder, run, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Builds and packs the package in that folder; answers the tarball. */
export function pack(folder: string): string {
  const staged = join(folder, "staged");
  mkdirSync(staged);
  for (const file of ["package.json", "LICENSE", "README.md", "README.zh-CN.md"])
    copyFileSync(join(ROOT, file), join(staged, file));
  tsc(ROOT, "-p", "tsconfig.build.json", "--outDir", join(staged, "dist"));
  const page = join(staged, "dist/adapters/dashboard/built");
  runIn(ROOT, process.execPath, "src/adapters/dashboard/build.mjs", page);
  const name = runIn(staged, "npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", folder);
  return join(folder, name.trim());
}

/** Puts the tarball's content where an installation would, and nothing else. */
export function unpack(tarball: string, into: string): string {
  const installed = join(into, "node_modules/azure-key-pool");
  mkdirSync(installed, { recursive: true });
  runIn(dirname(tarball), "tar", "-xzf", tarball, "-C", installed, "--strip-components=1");
  return installed;
}

/** On one thread, since other tests run beside it: several take more of the processor in all. */
export function tsc(folder: string, ...args: readonly string[]): void {
  runIn(folder, join(ROOT, "node_modules/.bin/tsc"), "--singleThreaded", ...args);
}

function runIn(cwd: string, program: string, ...args: readonly string[]): string {
  try {
    return execFileSync(program, args, { cwd, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${program} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}
