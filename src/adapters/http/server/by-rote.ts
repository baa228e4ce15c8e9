import type { IncomingMessage, ServerResponse } from "node:http";
import type Koa from "koa";
import type { Logger } from "pino";
import { logSendingFault } from "./access-log.ts";
import { STATUS_OF } from "./failure-codes.ts";
import type { Guard } from "./guard.ts";
import type { CountAnswer } from "./http-metrics.ts";
import type { Refusal } from "./refusal.ts";
import { requestIdOf } from "./request-id.ts";
import { securityHeadersOf } from "./security-headers.ts";
import { sharingHeadersOf } from "./shared-with.ts";
import { InTime } from "./turns.ts";

/** Far more than anybody needs to learn that it is of no use. */
const MOST_IN_A_MILLISECOND = 2;
/** A quarter of a second; each that waits is in memory, also when its caller has long hung up. */
const MOST_WAITING = 500;
const WARN_EVERY_MS = 60_000;

export interface ByRote {
  readonly guard: Guard;
  readonly log: Logger;
  /** Whether a target may be for anyone. */
  readonly mayBeForAnyone: (target: string) => boolean;
  readonly holdsSecret: (text: string) => boolean;
  readonly corsOrigins: readonly string[];
  readonly count: CountAnswer | undefined;
}

type Listener = ReturnType<Koa["callback"]>;

/**
 * Answers strangers of an address that has been refused too often as they have been answered before, past Koa and all
 * else, and so few in a millisecond that however many there are they take but a part of the time. When too many wait, the
 * next are answered at once, and each costs its caller the connection. All others go to `answer`.
 */
export function refusingByRote(answer: Listener, parts: ByRote): Listener {
  const { log } = parts;
  const inTime = new InTime(MOST_IN_A_MILLISECOND, MOST_WAITING);
  let warnedAt = Number.NEGATIVE_INFINITY;
  return (...request) => {
    const [req, res] = request as [IncomingMessage, ServerResponse];
    const refusal = refusalOf(req, parts);
    if (refusal === undefined) return answer(...request);
    const startedAt = performance.now();
    const refuse = (isLast: boolean): boolean => {
      // A program that the app is mounted in may have lost patience.
      if (req.socket.destroyed || res.headersSent) return false;
      try {
        send(req, res, refusal, isLast, parts);
        parts.count?.(res.statusCode, performance.now() - startedAt);
      } catch (error) {
        logSendingFault(log, undefined, error);
        if (!res.writableEnded) req.socket.destroy();
      }
      return true;
    };
    if (inTime.run(() => refuse(false))) return DONE;
    refuse(true);
    if (startedAt - warnedAt >= WARN_EVERY_MS) {
      warnedAt = startedAt;
      log.warn({ waiting: MOST_WAITING }, "too many strangers wait, the next are refused at once");
    }
    return DONE;
  };
}

const DONE = Promise.resolve();

function refusalOf(
  req: IncomingMessage,
  { guard, mayBeForAnyone, corsOrigins }: ByRote,
): Refusal | undefined {
  if (!guard.hasRepeated || mayBeForAnyone(req.url ?? "")) return undefined;
  // Browsers ask ahead without a token.
  if (corsOrigins.length > 0 && req.method === "OPTIONS") return undefined;
  try {
    return guard.refusalByRote(req);
  } catch {
    // Whose fault that is, the long way finds out again, and answers.
    return undefined;
  }
}

function send(
  req: IncomingMessage,
  res: ServerResponse,
  { code, message, headers }: Refusal,
  isLast: boolean,
  { guard, holdsSecret, corsOrigins }: ByRote,
): void {
  const body = JSON.stringify({ success: false, error: message, code });
  res.writeHead(STATUS_OF[code], {
    ...securityHeadersOf(req),
    ...sharingHeadersOf(req, corsOrigins),
    ...headers,
    ...((guard.isLastFor(req) || isLast) && { Connection: "close" }),
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    "X-Request-Id": requestIdOf(req.headers["x-request-id"], holdsSecret),
  });
  res.end(body);
}
