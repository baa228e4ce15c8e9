/** One bad field of a request. */
export interface BadField {
  readonly field: string;
  readonly message: string;
}

/** The server's own `code`, such as `key_not_found`, or why there is none. */
export type ApiErrorCode =
  /** No connection, or it was lost; whether the server did what was asked is not known. */
  | "unreachable"
  /** No whole answer within `timeoutMs`; whether the server did what was asked is not known. */
  | "timed_out"
  /** Something that is not this API answered. */
  | "unexpected_answer"
  /** The token is missing or not valid any more. */
  | "unauthorized"
  /** The token's role or scope does not reach so far. */
  | "forbidden"
  /** The token has had what it may have in an hour. */
  | "budget_exhausted"
  | "invalid_request"
  | "key_not_found"
  | "lease_not_found"
  | "config_not_found"
  | "key_exists"
  | "storage_unavailable"
  | "internal"
  | (string & {});

/** An answer that nobody who asked could go on with. Holds no secret. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;
  /** The HTTP status; undefined when there was no answer. */
  readonly httpStatus: number | undefined;
  readonly details: readonly BadField[];
  /** When to come back, from `Retry-After`, as of `storage_unavailable` and `busy`; undefined where nobody knows. */
  readonly retryAfterSeconds: number | undefined;
  /** Finds the request in the server's log. */
  readonly requestId: string | undefined;

  constructor(code: ApiErrorCode, message: string, { cause, ...seen }: SeenFailure = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.httpStatus = seen.httpStatus;
    this.details = seen.details ?? [];
    this.retryAfterSeconds = seen.retryAfterSeconds;
    this.requestId = seen.requestId;
  }

  /** Whether the same may go well a moment later, as when the server is away or busy. */
  get isPassing(): boolean {
    const { httpStatus } = this;
    return httpStatus === undefined || httpStatus >= 500 || httpStatus === 429 || httpStatus === 408;
  }
}

export interface SeenFailure {
  readonly cause?: unknown;
  readonly httpStatus?: number | undefined;
  readonly details?: readonly BadField[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly requestId?: string | undefined;
}
