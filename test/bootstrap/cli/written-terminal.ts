import type { Terminal } from "../../../src/bootstrap/cli/output/terminal.ts";

/** No terminal, unless it is to pass for one: keeps what is written, and has this for its input. */
export class WrittenTerminal implements Terminal {
  readonly isInputTerminal = false;
  readonly isOutputTerminal: boolean;
  readonly isErrorTerminal: boolean;
  written = "";
  beside = "";
  readonly #input: string;

  constructor({ input = "", isOutputTerminal = false, isErrorTerminal = false } = {}) {
    this.#input = input;
    this.isOutputTerminal = isOutputTerminal;
    this.isErrorTerminal = isErrorTerminal;
  }

  out(line: string): void {
    this.written += `${line}\n`;
  }

  err(line: string): void {
    this.beside += `${line}\n`;
  }

  draw(text: string): void {
    this.beside += text;
  }

  paint(text: string): void {
    this.written += text;
  }

  coloured(_: string, text: string): string {
    return text;
  }

  async readInput(): Promise<string> {
    return this.#input;
  }

  async ask(): Promise<string> {
    throw new Error("There is nobody to ask");
  }

  async askHidden(): Promise<string> {
    throw new Error("There is nobody to ask");
  }
}
