import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { masterKeyText } from "../situations/sealing.ts";
import { bundled } from "./bundled-programs.ts";
import { START_ARGUMENTS } from "./start-command.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** What every server gets, so that none makes a key file where a person has his. */
export const SERVER_ENVIRONMENT = { PORT: "0", MASTER_KEY: masterKeyText() };
const COMMAND = [process.execPath, ...START_ARGUMENTS.map(bundled)];
/** Far more than a start or a stop takes on a busy machine. */
const PATIENCE_MS = 240_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface PoolServerOptions {
  /** All of the server's environment but `PATH`; `PORT` is any free one and `MASTER_KEY` one for tests unless given. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the repository. */
  readonly cwd?: string;
  /** What to run. Default: what `npm start` does, bundled. */
  readonly command?: readonly string[];
}

/** A line of the server's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The command that `PoolServer` runs, for a test that runs it in another way. */
export const SERVER_COMMAND: readonly string[] = COMMAND;

/** The server in a separate process. */
export class PoolServer {
  readonly #process: ChildProcess;
  #output = "";
  #errors = "";
  #url = "";
  #changed = Promise.withResolvers<void>();
  readonly exited: Promise<Exit>;

  private constructor({ env = {}, cwd = ROOT, command = COMMAND }: PoolServerOptions) {
    const [file = "", ...args] = command;
    const { PATH } = process.env;
    this.#process = spawn(file, args, { cwd, env: { PATH, ...SERVER_ENVIRONMENT, ...env }, stdio: "pipe" });
    const exited = Promise.withResolvers<Exit>();
    this.exited = exited.promise;
    this.#process.stdout?.on("data", (chunk) => {
      this.#output += chunk;
      this.#notify();
    });
    this.#process.stderr?.on("data", (chunk) => {
      this.#errors += chunk;
    });
    this.#process.on("error", exited.reject);
    this.#process.on("close", (code, signal) => {
      exited.resolve({ code, signal });
      this.#notify();
    });
  }

  /** Resolves when the API is served; rejects when the process ends before that. */
  static async start(options: PoolServerOptions = {}): Promise<PoolServer> {
    const server = PoolServer.launch(options);
    try {
      await server.serving();
      return server;
    } catch (error) {
      await server.kill();
      throw error;
    }
  }

  /** For a test that looks at it before it serves, and ends it. */
  static launch(options: PoolServerOptions = {}): PoolServer {
    return new PoolServer(options);
  }

  /** For a process that is expected to end by itself. */
  static async refused(options: PoolServerOptions): Promise<Exit & { readonly output: string }> {
    const server = new PoolServer(options);
    const timer = setTimeout(() => server.kill(), PATIENCE_MS);
    const exit = await server.exited;
    clearTimeout(timer);
    return { ...exit, output: server.output };
  }

  /** Resolves when the API is served; rejects when the process ends before that. */
  async serving(): Promise<void> {
    this.#url = String((await this.logged("serving")).url);
  }

  get url(): string {
    return this.#url;
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** All that it wrote, to the log and beside it. */
  get output(): string {
    return this.#output + this.#errors;
  }

  get log(): readonly LogLine[] {
    const lines = this.#output.split("\n").slice(0, -1);
    return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  }

  /** Resolves with the first log line of this message, or the first that matches, once it is there. */
  async logged(wanted: string | ((line: LogLine) => boolean)): Promise<LogLine> {
    const matches = typeof wanted === "string" ? ({ msg }: LogLine) => msg === wanted : wanted;
    const timer = setTimeout(() => this.kill(), PATIENCE_MS);
    try {
      for (;;) {
        const line = this.log.find(matches);
        if (line) return line;
        if (this.#isGone) throw new Error(`The server ended without ${wanted}:\n${this.output}`);
        await this.#changed.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends the signal and leaves the rest to the server. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Asks it to end and waits until it has. */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Exit> {
    if (!this.#isGone) this.signal(signal);
    return this.exited;
  }

  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<Exit> {
    return this.stop("SIGKILL");
  }

  get #isGone(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
