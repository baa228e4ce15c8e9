import { Readable } from "node:stream";
import { DomainError, type DomainErrorCode, type FieldProblem } from "../../domain/index.ts";
import { hasLongList, piecesOf } from "./long-list.ts";
import { Refusal, type RefusalCode } from "./refusal.ts";
import type { RequestContext } from "./request-context.ts";

export type FailureCode =
  | DomainErrorCode
  | RefusalCode
  | "no_key"
  | "all_keys_cooling"
  | "key_rejected"
  | "probe_failed"
  | "probe_timeout"
  | "unhealthy"
  | "internal";

export const STATUS_OF: Readonly<Record<FailureCode, number>> = {
  // The test went well; it is the key that failed it.
  key_rejected: 200,
  invalid_request: 400,
  key_not_found: 404,
  config_not_found: 404,
  no_key: 404,
  not_found: 404,
  method_not_allowed: 405,
  key_exists: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  internal: 500,
  probe_unavailable: 501,
  probe_failed: 502,
  storage_unavailable: 503,
  all_keys_cooling: 503,
  unhealthy: 503,
  probe_timeout: 504,
};

export interface FailureDetails {
  readonly headers?: Readonly<Record<string, string>>;
  readonly data?: unknown;
  /** Each bad field of its own, for programs; people read them in `error`. */
  readonly details?: readonly FieldProblem[];
}

export function succeed(ctx: RequestContext, data: unknown, message: string, status = 200): void {
  answer(ctx, status, { success: true, data, message });
}

export function fail(
  ctx: RequestContext,
  code: FailureCode,
  error: string,
  { headers = {}, ...rest }: FailureDetails = {},
): void {
  ctx.set(headers);
  answer(ctx, STATUS_OF[code], { success: false, error, code, ...rest });
}

function answer(ctx: RequestContext, status: number, body: object): void {
  ctx.status = status;
  ctx.type = "json";
  ctx.body = hasLongList(body) ? Readable.from(piecesOf(body), { objectMode: false }) : body;
}

/** Turns whatever was thrown into a response; what is not a rule of ours is told to nobody but the log. */
export function failFrom(ctx: RequestContext, error: unknown): void {
  if (error instanceof Refusal) {
    fail(ctx, error.code, error.message, { headers: error.headers });
  } else if (error instanceof DomainError) {
    const headers = error.code === "storage_unavailable" ? { "Retry-After": "1" } : {};
    const details = error.problems.length > 0 ? { details: error.problems } : {};
    fail(ctx, error.code, error.message, { headers, ...details });
  } else {
    fail(ctx, "internal", "Internal error");
  }
}
