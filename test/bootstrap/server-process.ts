import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { START_ARGUMENTS } from "../servers/start-command.ts";

/** What the server has logged, line by line. */
export interface LogLine {
  readonly msg: string;
  readonly url?: string;
  readonly done?: number;
}

/** The server as `npm start` runs it, in a process of its own, over a database file. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #lines: LogLine[] = [];
  #rest = "";
  #notify: () => void = () => {};

  constructor(file: string) {
    this.#child = spawn(process.execPath, START_ARGUMENTS, {
      env: { PATH: process.env.PATH, PORT: "0", DATABASE_URL: `sqlite:${file}` },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child.stdout?.on("data", (chunk) => this.#take(String(chunk)));
    this.#child.on("exit", () => this.#notify());
    onTestFinished(() => this.kill());
  }

  /** The base of the API, once it is served. */
  async url(): Promise<string> {
    return `${(await this.logged(({ msg }) => msg === "serving")).url}/api`;
  }

  /** Resolves with the first line that matches. */
  async logged(matches: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = this.#lines.find(matches);
      if (found) return found;
      if (this.#gone) throw new Error(`The server ended: ${JSON.stringify(this.#lines.at(-1))}`);
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
    }
  }

  /** `kill -9`; resolves when the process is gone. */
  async kill(): Promise<void> {
    if (this.#gone) return;
    const gone = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await gone;
  }

  get #gone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    this.#lines.push(...lines.map((line) => JSON.parse(line)));
    this.#notify();
  }
}
