import { run } from "../../../src/bootstrap/cli/run.ts";
import type { Run } from "../../servers/command.ts";
import { WrittenTerminal } from "./written-terminal.ts";

class ToldTerminal extends WrittenTerminal {
  readonly #tell: () => void;

  constructor(tell: () => void) {
    super();
    this.#tell = tell;
  }

  override out(line: string): void {
    super.out(line);
    this.#tell();
  }

  override err(line: string): void {
    super.err(line);
    this.#tell();
  }
}

/** A command in the process of the test that has no end of its own. */
export class CommandHere {
  readonly ended: Promise<Run>;
  readonly #terminal = new ToldTerminal(() => this.#notify());
  /** Whoever else in this process listens for the signal. */
  readonly #others: ReadonlySet<unknown> = new Set(process.listeners("SIGTERM"));
  #changed = Promise.withResolvers<void>();
  #isOver = false;

  constructor(words: string, env: Readonly<Record<string, string>>) {
    this.ended = run(words.split(" "), env, this.#terminal)
      .then((code) => ({ code, out: this.#terminal.written, err: this.#terminal.beside }))
      .finally(() => {
        this.#isOver = true;
        this.#notify();
      });
  }

  get out(): string {
    return this.#terminal.written;
  }

  /** Resolves once this has been written, to either. Rejects when the command ends before. */
  async said(text: string): Promise<void> {
    const { written, beside } = this.#terminal;
    if (`${written}${beside}`.includes(text)) return;
    if (this.#isOver) throw new Error(`It ended without ${text}: ${written}${beside}`);
    await this.#changed.promise;
    await this.said(text);
  }

  /** Tells this command, and those started after it, of SIGTERM; other listeners of this process hear nothing. */
  async interrupted(): Promise<Run> {
    for (const listener of process.listeners("SIGTERM")) if (!this.#others.has(listener)) listener("SIGTERM");
    return this.ended;
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
