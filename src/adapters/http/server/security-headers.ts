import type { IncomingMessage } from "node:http";
import type { RequestContext } from "./request-context.ts";

/** What nothing this API answers needs, should a browser take an answer for a page. A page of ours sets its own. */
const NO_CONTENT = "default-src 'none'";
/** These do not follow from `default-src`. */
const NO_ABUSE = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HSTS = { "Strict-Transport-Security": "max-age=31536000" };

const HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const OF_REFUSALS = {
  ...HEADERS,
  "Cache-Control": "no-store",
  "Content-Security-Policy": `${NO_CONTENT}; ${NO_ABUSE}`,
};

/** Of every answer but the hot ones, which browsers do not show and which take `nosniff` alone. */
export function setSecurityHeaders(ctx: RequestContext): void {
  ctx.set(HEADERS);
  // Every answer is about this instant, and some hold a secret; but for the files of a page.
  if (!ctx.response.get("Cache-Control")) ctx.set("Cache-Control", "no-store");
  const policy = ctx.response.get("Content-Security-Policy") || NO_CONTENT;
  ctx.set("Content-Security-Policy", `${policy}; ${NO_ABUSE}`);
  if (ctx.secure) ctx.set(HSTS);
}

/** The same of an answer that says nothing but why there is no other. */
export function securityHeadersOf({ socket }: IncomingMessage): Readonly<Record<string, string>> {
  return "encrypted" in socket ? { ...OF_REFUSALS, ...HSTS } : OF_REFUSALS;
}
