import type { Logger } from "pino";

export interface Patience {
  /** How long to wait in all, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether an error will not go away by waiting, and is thrown at once. Default: none. */
  readonly isFinal?: (error: unknown) => boolean;
}

/** Something that a start needs did not come up in time. The message names it. */
export class NotReady extends Error {
  override readonly name = "NotReady";
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** Tries until it works, with growing pauses, and logs each failure. Throws `NotReady` when the time is over. */
export async function waitFor<T>(
  what: string,
  open: () => Promise<T>,
  logger: Logger,
  { timeoutMs, isFinal = () => false }: Patience,
): Promise<T> {
  const giveUpAt = performance.now() + timeoutMs;
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

/** A random half to all of the pause, so that many instances do not try at the same instants. */
export function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
