/** The longest pause after the first failure, in milliseconds; it doubles with each further one. */
const FIRST_MS = 250;
/** No pause is longer than that, unless the server asks for more, in milliseconds. */
const MOST_MS = 15_000;

export interface Backoff {
  /** What the server asked to wait at least, in milliseconds. Default 0. */
  readonly askedMs?: number | undefined;
  /** The longest pause after the first failure, in milliseconds. Default 250. */
  readonly firstMs?: number | undefined;
  /** From 0 to below 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * How long to wait after so many failures in a row (from 1), in milliseconds: any time up to a bound that doubles,
 * so that clients that failed together do not come back together. What the server asked for is waited out first.
 */
export function backoffMs(
  failures: number,
  { askedMs = 0, firstMs = FIRST_MS, random = Math.random }: Backoff = {},
): number {
  return Math.ceil(askedMs + random() * Math.min(MOST_MS, firstMs * 2 ** Math.min(failures - 1, 30)));
}
