/** Counts what is asked over HTTP, and tells what has been counted. `createMetrics` of `./prometheus` makes one. */
export interface HttpMetrics {
  /** Answers what is called with each answer of a route: its status, and the milliseconds until it was made. */
  readonly route: (path: string, method: string) => CountAnswer;
  /** A request showed a token that lets nobody in. */
  readonly tokenRefused: (reason: "malformed" | "unknown" | "expired" | "unclear") => void;
  readonly scrape: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

export type CountAnswer = (status: number, ms: number) => void;

/** What requests are counted under that are no route's, in place of path and method, which may be anything. */
export const NO_ROUTE = "other";
