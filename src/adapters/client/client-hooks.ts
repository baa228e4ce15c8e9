import type { ApiError } from "./api-error.ts";

/** A request, without what it holds: it may hold secrets. */
export interface CallInfo {
  readonly method: string;
  /** From the API's base on, such as `/keys/get`. An id in it stands as it is; a secret never does. */
  readonly path: string;
  /** 1 for the first time, then one more for each repetition. */
  readonly attempt: number;
}

/** A request that is made again. */
export interface RetryInfo extends CallInfo {
  readonly error: ApiError;
  readonly delayMs: number;
}

/** How a request ended. */
export interface CallOutcome {
  /** Undefined when there was no answer. */
  readonly httpStatus: number | undefined;
  /** What is thrown, or answered as a union; undefined for a success. */
  readonly error: ApiError | undefined;
}

/** A key that was tried, without its secret. */
export interface KeyAttempt {
  readonly id: number;
  readonly region: string;
  /** 1 for the first key of a `withKey`. */
  readonly attempt: number;
  /** What is reported of it; undefined when the call showed no code. */
  readonly code: number | undefined;
}

/**
 * For logs, counters and traces. They are called in the course of things and are to be quick; what they throw is told on
 * the console and changes nothing. None of them is shown a secret.
 */
export interface ClientHooks {
  /**
   * Before each request. What it answers is called once that request has ended, as a span wants it; that of a stream,
   * which goes on for hours, once it has begun.
   */
  readonly onCall?: (call: CallInfo) => ((outcome: CallOutcome) => void) | undefined;
  /**
   * Before a request is made again, or a stream that has ended, after a pause of so many milliseconds. `withKey` that asks
   * for a key once more is no repetition.
   */
  readonly onRetry?: (retry: RetryInfo) => void;
  /** Whenever `withKey` has used a key. */
  readonly onKeyUsed?: (use: KeyAttempt) => void;
}
