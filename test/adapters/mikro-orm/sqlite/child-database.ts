import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** A process of its own that opens a database, and perhaps writes to it. */
export class ChildDatabase {
  readonly #child: ChildProcess;
  #output = "";
  #notify: () => void = () => {};

  constructor(url: string, mode: "hold" | "write") {
    const script = fileURLToPath(new URL("./database-child.ts", import.meta.url));
    this.#child = spawn(process.execPath, [script, url, mode], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child.stdout?.on("data", (chunk) => {
      this.#output += chunk;
      this.#notify();
    });
    this.#child.stdout?.on("end", () => this.#notify());
    onTestFinished(() => this.kill());
  }

  /** What it has printed, whole lines only. */
  get lines(): string[] {
    return this.#output.split("\n").slice(0, -1);
  }

  /** Resolves when it has printed so many lines. */
  async printed(count: number): Promise<void> {
    while (this.lines.length < count) {
      if (this.#child.exitCode !== null && this.#child.stdout?.readableEnded) {
        throw new Error(`The process ended early: ${this.#output}`);
      }
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
    }
  }

  /** `kill -9`; resolves when the process is gone and all it printed has arrived. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await gone;
  }
}
