import type { Logger } from "pino";
import { DomainError } from "../../../domain/index.ts";
import { describeFault } from "./describe-fault.ts";
import { type RequestContext, rawQuery } from "./request-context.ts";

const SLOW_MS = 1000;
const HANG_UPS = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED", "ERR_STREAM_PREMATURE_CLOSE"]);
// How the HTTP parser names a caller that stops in mid-request, or goes on past the length it announced.
const BROKEN_OFF = /^HPE_/;

/**
 * Writes one line about an answered request: its route, never its path, query or body, which may hold a
 * secret. A hot route that succeeded in time gets none, for a line costs as much as the answer; a health check
 * that found nothing gets one at `debug`, for monitors ask every few seconds. A stream gets its line when it ends.
 */
export function logAnswer(log: Logger, ctx: RequestContext, ms: number, error: unknown): void {
  const { status, state } = ctx;
  if (state.isRepeated) return;
  const isExpected = status < 400 && ms < SLOW_MS;
  if (isExpected && state.logged === "seldom") return;
  const line = {
    requestId: state.requestId,
    method: ctx.method,
    route: state.route ?? null,
    status,
    ms: Math.round(ms * 10) / 10,
    // Tokens are named by their ids; while the door is open nobody has one.
    ...(state.caller?.id && { token: state.caller.id }),
  };
  if (state.ended !== undefined) {
    log.info({ ...line, ended: state.ended }, "stream ended");
    return;
  }
  const cause = error instanceof DomainError ? error.cause : undefined;
  if (isHangUp(error, ctx)) {
    // Koa has reported it too, should it have seen the socket close.
    if (!state.sendingFaultLogged) log.debug(line, "client hung up");
    state.sendingFaultLogged = true;
  } else if (status === 500) {
    log.error({ ...line, error: describeFault(error, valuesOf(ctx)) }, "request failed");
  } else if (cause !== undefined) {
    log.warn({ ...line, error: describeFault(cause, valuesOf(ctx)) }, "request refused");
  } else if (ms >= SLOW_MS) {
    log.warn(line, "slow request");
  } else if (isExpected && state.logged === "debug") {
    log.debug(line, "request");
  } else {
    log.info(line, "request");
  }
}

/**
 * What went wrong while an answer was being sent; mostly that nobody was there any more to take it. Of a
 * stream Koa reports it twice: when the stream breaks and when the response does.
 */
export function logSendingFault(log: Logger, ctx: RequestContext | undefined, error: unknown): void {
  if (ctx?.state.sendingFaultLogged) return;
  if (ctx) ctx.state.sendingFaultLogged = true;
  const line = { requestId: ctx?.state.requestId, route: ctx?.state.route ?? null };
  if (isHangUp(error, ctx)) log.debug(line, "client hung up");
  else log.error({ ...line, error: describeFault(error, ctx ? valuesOf(ctx) : []) }, "answer not sent");
}

/** The end of the caller's own socket; the same code from elsewhere is a fault of ours. */
export function isHangUp(error: unknown, ctx: RequestContext | undefined): boolean {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string" || !(HANG_UPS.has(code) || BROKEN_OFF.test(code))) return false;
  return ctx?.req.socket.destroyed === true;
}

function valuesOf(ctx: RequestContext): readonly unknown[] {
  return [ctx.params, Object.fromEntries(new URLSearchParams(rawQuery(ctx))), ctx.state.body];
}
