import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { styleText } from "node:util";
import { CommandFailed, EXIT } from "../exit-code.ts";

export type Colour = "green" | "yellow" | "red" | "dim";

/** Where a command speaks with a person or another program. */
export interface Terminal {
  readonly isInputTerminal: boolean;
  readonly isOutputTerminal: boolean;
  readonly isErrorTerminal: boolean;
  /** What was asked for, with a newline behind. */
  out(line: string): void;
  /** What is beside it: remarks, faults. */
  err(line: string): void;
  /** As it is, to the standard error; for what rewrites a line. */
  draw(text: string): void;
  /** As it is, to the standard output; for what rewrites the screen. */
  paint(text: string): void;
  /** The text in this colour, where the standard output is a terminal and `NO_COLOR` is not set. */
  coloured(colour: Colour, text: string): string;
  /** The whole standard input. */
  readInput(): Promise<string>;
  ask(question: string): Promise<string>;
  /** What is typed does not show. */
  askHidden(question: string): Promise<string>;
}

export class ProcessTerminal implements Terminal {
  readonly isInputTerminal = process.stdin.isTTY === true;
  readonly isOutputTerminal = process.stdout.isTTY === true;
  readonly isErrorTerminal = process.stderr.isTTY === true;

  constructor() {
    // Whoever reads may stop reading, as `head` does.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(EXIT.done);
    });
  }

  out(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  err(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  draw(text: string): void {
    process.stderr.write(text);
  }

  paint(text: string): void {
    process.stdout.write(text);
  }

  coloured(colour: Colour, text: string): string {
    return styleText(colour, text, { stream: process.stdout });
  }

  readInput(): Promise<string> {
    return text(process.stdin);
  }

  ask(question: string): Promise<string> {
    return this.#answer(process.stderr, question);
  }

  async askHidden(question: string): Promise<string> {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const answer = this.#answer(nowhere, "");
    // From here on nothing that is typed shows.
    this.draw(question);
    return answer.finally(() => this.draw("\n"));
  }

  async #answer(output: NodeJS.WritableStream, question: string): Promise<string> {
    const lines = createInterface({ input: process.stdin, output, terminal: true });
    const given = Promise.withResolvers<string>();
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => given.reject(new CommandFailed("Nothing was entered")));
    lines.question(question).then(given.resolve, () => {});
    try {
      return await given.promise;
    } finally {
      lines.close();
    }
  }
}
