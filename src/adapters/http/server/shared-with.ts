import type { IncomingMessage } from "node:http";
import cors from "@koa/cors";

const EXPOSED = "Retry-After,X-Request-Id";

/** Answers what browsers ask ahead, before the guard: they send no token with that. */
export function sharedWith(origins: readonly string[]) {
  return cors({
    origin: (ctx) => (origins.includes(ctx.get("Origin")) ? ctx.get("Origin") : ""),
    allowMethods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
    // Those of a trace come from instrumented pages, without being asked for.
    allowHeaders: [
      "Authorization",
      "Content-Type",
      "Last-Event-ID",
      "X-API-Key",
      "X-Request-Id",
      "traceparent",
      "tracestate",
    ],
    exposeHeaders: EXPOSED,
    maxAge: 600,
  });
}

/** What that adds to every other answer. */
export function sharingHeadersOf({ headers: { origin = "" } }: IncomingMessage, origins: readonly string[]) {
  if (origins.length === 0) return undefined;
  if (!origins.includes(origin)) return { Vary: "Origin" };
  return {
    Vary: "Origin",
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": EXPOSED,
  };
}
