import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { bundled } from "./bundled-programs.ts";
import { SERVER_ENVIRONMENT } from "./pool-server.ts";

const SOURCE = fileURLToPath(new URL("../../src/bootstrap/azure-key-pool.mjs", import.meta.url));
const COMMAND = bundled(SOURCE);

/** Gives a program a terminal; comes with Linux. */
const hasScript = spawnSync("script", ["--version"]).error === undefined;

/** Why there is no terminal for a test; undefined where there is one. */
export const noTerminal = hasScript ? undefined : "needs `script` of util-linux";

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command in a process of its own. */
export class RunningCommand {
  readonly #child: ChildProcess;
  readonly ended: Promise<Run>;
  out = "";
  err = "";
  #changed = Promise.withResolvers<void>();

  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string | undefined) {
    this.#child = spawn(file, args, { env, cwd, stdio: "pipe" });
    // Who does not read leaves what is written to him.
    this.#child.stdin?.on("error", () => {});
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
      this.#notify();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.err += text;
      this.#notify();
    });
    this.ended = once(this.#child, "close").then(([code]) => {
      this.#notify();
      return { code, out: this.out, err: this.err };
    });
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** No more input will come. */
  end(text = ""): void {
    this.#child.stdin?.end(text);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves once this has been written, to either. Rejects when the command ends before. */
  async said(text: string): Promise<void> {
    while (!`${this.out}${this.err}`.includes(text)) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`It ended without ${text}: ${this.out}${this.err}`);
      await this.#changed.promise;
    }
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
}

/** Starts `azure-key-pool …` without a terminal. */
export function startCommand(args: readonly string[], { env, cwd }: CommandOptions = {}): RunningCommand {
  return new RunningCommand(process.execPath, [COMMAND, ...args], environmentWith(env), cwd);
}

/** Runs it to its end. */
export function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<Run> {
  const command = startCommand(args, options);
  command.end(options.input);
  return command.ended;
}

/** Starts it on a terminal, where all that is written comes out of one side. */
export function startOnTerminal(args: readonly string[], { env, cwd }: CommandOptions = {}): RunningCommand {
  const words = [process.execPath, COMMAND, ...args].map((word) => `'${word}'`).join(" ");
  const terminal = { TERM: "xterm-256color", SHELL: "/bin/sh" };
  return new RunningCommand(
    "script",
    ["-qec", `exec ${words}`, "/dev/null"],
    environmentWith({ ...terminal, ...env }),
    cwd,
  );
}

function environmentWith(env: CommandOptions["env"]): NodeJS.ProcessEnv {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return { PATH, NODE_COMPILE_CACHE, ...SERVER_ENVIRONMENT, ...env };
}
