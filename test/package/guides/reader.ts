import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { AzureEmulator, WORKS } from "../../../src/adapters/azure-emulator/index.ts";
import { bundled } from "../../servers/bundled-programs.ts";
import { PoolServer } from "../../servers/pool-server.ts";
import { findPython, pythonEnvironment } from "../../servers/python.ts";
import { ROOT } from "../packed.ts";
import { type Block, isMarked, patternOf, tidied } from "./blocks.ts";
import { PYTHON, SUITE } from "./programs.ts";

const ADDRESS = "127.0.0.1:3000";
/** Far more than the slowest block needs: it ends only what is stuck. */
const PATIENCE_MS = 120_000;
const COMMAND = bundled(join(ROOT, "src/bootstrap/azure-key-pool.mjs"));
/** The key that the pages test at Azure. */
const WORKING_KEY = "0123456789abcdef0123456789abcdef";
/** One that Azure has had enough of. */
const THROTTLED_KEY = "fedcba9876543210fedcba9876543210";
/** Azure, as programs in Python address the region of their key. */
const AZURES = ["key.region", "azure_region"].map((name) => `https://{${name}}.api.cognitive.microsoft.com`);

/** Ends what a block has left running; `output` is what it had printed. */
interface Running {
  readonly block: Block;
  readonly child: ChildProcess;
  output: string;
}

/**
 * Somebody who follows a page: a folder of his own, which is his home too, a server in it, an Azure that knows one key,
 * and the command on his path. Variables that a block sets are there in the next.
 */
export class Reader {
  readonly folder = mkdtempSync(join(tmpdir(), "guide-"));
  readonly #azure = new AzureEmulator();
  #azureUrl = "";
  #server: PoolServer | undefined;
  #port = "0";
  #running: Running | undefined;
  /** Texts of the page that mean something else here. */
  readonly meant = new Map<string, string>();

  async start(): Promise<void> {
    this.#azureUrl = await this.#azure.start();
    for (const shown of AZURES) this.meant.set(shown, this.#azureUrl);
    this.#azure.setScenario(WORKING_KEY, WORKS);
    this.#azure.setScenario(THROTTLED_KEY, { kind: "refuse", status: 429, retryAfterSeconds: 60 });
    const bin = join(this.folder, "bin");
    mkdirSync(bin);
    const wrapper = `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`;
    writeFileSync(join(bin, "azure-key-pool"), wrapper, { mode: 0o755 });
    // Each answer on a line of its own.
    writeFileSync(join(this.folder, ".curlrc"), 'silent\nwrite-out = "\\n"\n');
    linkPackages(this.folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running) await end(this.#running.child);
    await this.#server?.kill();
    await this.#azure.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Follows one block, and answers what it printed. Throws where it fails or prints something else than the page shows. */
  async follow(block: Block): Promise<void> {
    const before = this.#running;
    this.#running = undefined;
    await this.#serve(!isMarked(block, "server stopped"));
    if (isMarked(block, "goes on")) {
      this.#running = this.#begin(block);
      await printed(this.#running, (output) => output !== "");
      return;
    }
    const { code, output, errors } = await this.#run(block);
    const told = `${block.place}\n${output}\n${errors}`;
    if (code !== 0) throw new Error(`Ended with ${code}: ${told}`);
    if (block.shown === undefined && /"success": ?false/.test(output)) throw new Error(`Refused: ${told}`);
    if (block.shown !== undefined && !patternOf(block.shown).test(tidied(output)))
      throw new Error(`Shown was something else: ${told}\n--- shown\n${block.shown}`);
    if (before) {
      // What went on meanwhile has shown what this block did.
      const shown = patternOf(before.block.shown ?? "…");
      await printed(before, (text) => shown.test(tidied(text)));
      await end(before.child);
    }
  }

  /** Runs a program of a page until it ends, or until it has printed what is shown if it goes on. */
  async runProgram(file: string, block: Block): Promise<void> {
    await this.#serve(block.code.includes(ADDRESS));
    const path = join(this.folder, file);
    writeFileSync(path, this.#meaning(block.code));
    const [program, args, env] = this.#runnerOf(file, path);
    const child = spawn(program, args, { cwd: this.folder, env, stdio: "pipe" });
    const running = watched(block, child);
    if (isMarked(block, "goes on")) {
      const shown = patternOf(block.shown ?? "…");
      await printed(running, (text) => shown.test(this.#asShown(text)));
      return end(child);
    }
    let errors = "";
    child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    const [code] = await once(child, "close");
    const output = this.#asShown(running.output);
    const told = `${block.place}\n${output}\n${errors}`;
    if (code !== 0) throw new Error(`Ended with ${code}: ${told}`);
    if (block.shown !== undefined && !patternOf(block.shown).test(output))
      throw new Error(`Shown was something else: ${told}`);
  }

  #runnerOf(file: string, path: string): readonly [string, readonly string[], NodeJS.ProcessEnv] {
    if (file.endsWith(PYTHON)) {
      const python = findPython();
      if ("missing" in python) throw new Error(python.missing);
      return [python.server, [path], { ...this.#environment(), ...pythonEnvironment(ROOT) }];
    }
    const vitest = [
      join(ROOT, "node_modules/vitest/vitest.mjs"),
      "run",
      `--testTimeout=${PATIENCE_MS}`,
      file,
    ];
    const args = ["--conditions=azure-key-pool:source", ...(file.endsWith(SUITE) ? vitest : [path])];
    return [process.execPath, args, this.#environment()];
  }

  async #serve(wanted: boolean): Promise<void> {
    if (!wanted) {
      await this.#server?.stop();
      this.#server = undefined;
    } else if (!this.#server) {
      this.#server = await PoolServer.start({
        cwd: this.folder,
        env: { ...this.#environment(), MASTER_KEY: "" },
      });
      this.#port = new URL(this.#server.url).port;
    }
  }

  #environment(): Record<string, string> {
    const { PATH = "", NODE_COMPILE_CACHE = "" } = process.env;
    const url = this.#server ? { AZURE_KEY_POOL_URL: this.#server.url } : {};
    return {
      PATH: [join(this.folder, "bin"), dirname(process.execPath), PATH].join(delimiter),
      HOME: this.folder,
      NODE_COMPILE_CACHE,
      PORT: this.#port,
      AZURE_SPEECH_URL: this.#azureUrl,
      AZURE_TRANSLATOR_URL: this.#azureUrl,
      ...url,
    };
  }

  #begin(block: Block): Running {
    const variables = join(this.folder, "bin/variables");
    const own = Object.entries(this.#environment()).map(([name, value]) => `export ${name}='${value}'`);
    const script = [
      "set -aeuo pipefail",
      `[ ! -f ${variables} ] || . ${variables}`,
      ...own,
      this.#meaning(block.code),
      `export -p > ${variables}`,
    ];
    // A group of its own, so that all of it can be ended.
    const options = { cwd: this.folder, detached: true, env: this.#environment(), stdio: "pipe" } as const;
    return watched(block, spawn("bash", ["-c", script.join("\n")], options));
  }

  async #run(block: Block) {
    const running = this.#begin(block);
    let errors = "";
    running.child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    const [code] = await once(running.child, "close");
    return { code, output: this.#asShown(running.output), errors };
  }

  #meaning(code: string): string {
    let text = code.replaceAll(ADDRESS, `127.0.0.1:${this.#port}`);
    for (const [shown, meaning] of this.meant) text = text.replaceAll(shown, meaning);
    return text;
  }

  #asShown(output: string): string {
    let text = output.replaceAll(`127.0.0.1:${this.#port}`, ADDRESS).replaceAll(this.folder, "~");
    for (const [shown, meaning] of this.meant) text = text.replaceAll(meaning, shown);
    return tidied(text);
  }
}

/** The package by its name, as its source, and what a program that embeds it has beside it. */
export function linkPackages(folder: string): void {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/azure-key-pool"));
  for (const name of ["pino", "vitest", "vite", "@types"])
    symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  symlinkSync(join(ROOT, "examples"), join(folder, "examples"));
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  const conditions = ["azure-key-pool:source", "module", "node"];
  writeFileSync(
    join(folder, "vitest.config.js"),
    `export default ${JSON.stringify({ ssr: { resolve: { conditions } }, test: { testTimeout: PATIENCE_MS } })}`,
  );
}

function watched(block: Block, child: ChildProcess): Running {
  const running: Running = { block, child, output: "" };
  child.stdin?.end();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    running.output += text;
  });
  return running;
}

/** Rejects when the block ends, or is stuck, before it has printed that. */
async function printed(running: Running, isIt: (output: string) => boolean): Promise<void> {
  const { child, block } = running;
  const timer = setTimeout(() => void end(child), PATIENCE_MS);
  try {
    while (!isIt(running.output)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${block.place} ended, or was stuck: ${running.output}`);
      const written = once(child.stdout as NonNullable<ChildProcess["stdout"]>, "data");
      await Promise.race([written, once(child, "close")]);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  // With all that it has started, where it leads a group.
  if (child.spawnfile === "bash") process.kill(-(child.pid as number), "SIGKILL");
  else child.kill("SIGKILL");
  await closed;
}
