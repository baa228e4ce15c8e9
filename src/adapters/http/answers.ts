import { Readable } from "node:stream";
import { DomainError, describeProblems, type FieldProblem } from "../../domain/index.ts";
import { hasLongList, piecesOf } from "./long-list.ts";
import { Refusal, type RefusalCode } from "./refusal.ts";
import type { RequestContext } from "./request-context.ts";
import { type WireErrorCode, wireCode, wireProblems } from "./wire-names.ts";

export type FailureCode =
  | WireErrorCode
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
  /** Each bad field by itself, for programs; people read them in `error`. */
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

/** Turns whatever was thrown into a response; what is not a rule of ours goes to the log only. */
export function failFrom(ctx: RequestContext, error: unknown): void {
  if (error instanceof Refusal) {
    const { code, message, headers, problems } = error;
    fail(ctx, code, message, { headers, ...(problems.length > 0 && { details: problems }) });
  } else if (error instanceof DomainError) {
    const headers = error.code === "storage_unavailable" ? { "Retry-After": "1" } : {};
    const details = wireProblems(error.problems, ctx.state.route);
    if (details.length === 0) fail(ctx, wireCode(error.code), error.message, { headers });
    else fail(ctx, wireCode(error.code), describeProblems(details), { headers, details });
  } else {
    fail(ctx, "internal", "Internal error");
  }
}
