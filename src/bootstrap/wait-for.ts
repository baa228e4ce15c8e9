import type { Logger } from "pino";

export interface Patience {
  /** How long to wait in all, in milliseconds. */
  readonly forMs: number;
  /** Faults that waiting does not mend. Default: none. */
  readonly isFinal?: (error: unknown) => boolean;
}

/** What a start needs did not come up in time. The message names it. */
export class NotReady extends Error {
  override readonly name = "NotReady";
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** Tries until it works, with growing pauses and jitter, and says so in the log; then throws `NotReady`. */
export async function waitFor<T>(
  what: string,
  open: () => Promise<T>,
  logger: Logger,
  { forMs, isFinal = () => false }: Patience,
): Promise<T> {
  const giveUpAt = performance.now() + forMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await open();
    } catch (error) {
      const leftMs = Math.round(giveUpAt - performance.now());
      if (isFinal(error)) throw error;
      const { message, code } = error as Error & { code?: unknown };
      const fault = `${what}: ${message || String(code)}`;
      if (leftMs <= 0) throw new NotReady(fault, { cause: error });
      logger.warn({ leftMs, code }, `waiting for ${fault}`);
      await new Promise((resolve) => setTimeout(resolve, jittered(Math.min(pauseMs, leftMs))));
    }
  }
}

/** Half to all of the pause, so that many instances do not knock in step. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
