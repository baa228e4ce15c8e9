import { Readable } from "node:stream";
import {
  DomainError,
  type DomainErrorCode,
  describeProblems,
  type FieldProblem,
} from "../../../domain/index.ts";
import { type FailureCode, STATUS_OF } from "./failure-codes.ts";
import { hasLongList, piecesOf } from "./long-list.ts";
import { Refusal } from "./refusal.ts";
import type { Answering, RequestContext } from "./request-context.ts";
import { wireCode, wireProblems } from "./wire-names.ts";

export interface FailureDetails {
  readonly headers?: Readonly<Record<string, string>>;
  readonly data?: unknown;
  /** Each bad field by itself, for programs; people read them in `error`. */
  readonly details?: readonly FieldProblem[];
}

/** Failures that pass by themselves, soon. */
const PASSING: readonly DomainErrorCode[] = ["storage_unavailable", "busy"];

/** Answers what the route promises. */
export function succeed<D>(ctx: Answering<D>, data: NoInfer<D>, message: string, status = 200): void {
  answer(ctx, status, { success: true, data, message });
}

/** Answers a file of JSON, in pieces where it is long. */
export function sendFile(ctx: RequestContext, name: string, file: object): void {
  ctx.attachment(name);
  answer(ctx, 200, file);
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

/** A text: for an object Koa would ask whether it is a `Response`, and Node load all of `fetch` to say no. */
function answer(ctx: RequestContext, status: number, body: object): void {
  ctx.status = status;
  ctx.type = "json";
  ctx.body = hasLongList(body) ? Readable.from(piecesOf(body), { objectMode: false }) : JSON.stringify(body);
}

function retryAfter({ code, retryAfterMs }: DomainError): Readonly<Record<string, string>> {
  if (retryAfterMs !== undefined)
    return { "Retry-After": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
  return PASSING.includes(code) ? { "Retry-After": "1" } : {};
}

/** Turns what was thrown into a response; what is not a rule of ours is written to the log only. */
export function failFrom(ctx: RequestContext, error: unknown): void {
  if (error instanceof Refusal) {
    const { code, message, headers, problems } = error;
    fail(ctx, code, message, { headers, ...(problems.length > 0 && { details: problems }) });
  } else if (error instanceof DomainError) {
    const headers = retryAfter(error);
    const details = wireProblems(error.problems, ctx.state.route);
    if (details.length === 0) fail(ctx, wireCode(error.code), error.message, { headers });
    else fail(ctx, wireCode(error.code), describeProblems(details), { headers, details });
  } else {
    fail(ctx, "internal", "Internal error");
  }
}
