import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { bundled } from "../../../servers/bundled-programs.ts";

const PROGRAM = bundled(join(import.meta.dirname, "database-child.ts"));

/** The account that runs the process; the test's own, if empty. */
interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** A process that opens a database, and writes to it if asked to. */
export class ChildDatabase {
  readonly #child: ChildProcess;
  /** What it has printed, whole lines only. */
  readonly lines: string[] = [];
  #rest = "";
  #closed = false;
  #notify: () => void = () => {};

  constructor(url: string, mode: "hold" | "write" | "forget" | `seal ${string}`, account: Account = {}) {
    this.#child = spawn(process.execPath, [PROGRAM, url, mode], {
      ...account,
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child.stdout?.on("data", (chunk) => {
      const lines = (this.#rest + chunk).split("\n");
      this.#rest = lines.pop() ?? "";
      this.lines.push(...lines);
      this.#notify();
    });
    this.#child.on("close", () => {
      this.#closed = true;
      this.#notify();
    });
    onTestFinished(() => this.kill());
  }

  /** Resolves when it has printed so many lines. */
  async printed(count: number): Promise<void> {
    while (this.lines.length < count) {
      if (this.#closed) {
        throw new Error(`The process ended early: ${this.lines.at(-1)}`);
      }
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
    }
  }

  /** Resolves with the exit code when it has ended by itself. */
  async ended(): Promise<number | null> {
    if (!this.#closed) await once(this.#child, "close");
    return this.#child.exitCode;
  }

  /** `kill -9`; resolves when the process is gone and all it printed has arrived. */
  async kill(): Promise<void> {
    if (this.#closed) return;
    const gone = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await gone;
  }
}
