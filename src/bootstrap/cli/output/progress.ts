import type { Terminal } from "./terminal.ts";

const WIDTH = 24;
const CLEAR = "\r\u001b[K";

export interface Progress {
  show(done: number, total: number): void;
  /** Takes the bar away. */
  end(): void;
}

/** A bar on the standard error, where that is a terminal; elsewhere nothing. */
export function progressOf(terminal: Terminal, label: string, isQuiet: boolean): Progress {
  if (!terminal.isErrorTerminal || isQuiet) return { show: () => {}, end: () => {} };
  return {
    show: (done, total) => terminal.draw(`${CLEAR}${label} ${barOf(done, total)} ${done} of ${total}`),
    end: () => terminal.draw(CLEAR),
  };
}

export function barOf(done: number, total: number): string {
  const filled = total === 0 ? WIDTH : Math.floor((done / total) * WIDTH);
  return `[${"#".repeat(filled)}${"-".repeat(WIDTH - filled)}]`;
}
