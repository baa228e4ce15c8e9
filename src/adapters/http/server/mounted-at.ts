import type { RequestContext } from "./request-context.ts";

/**
 * The prefix, such as `/pool`, behind which a program has mounted the app; empty for none. Only for a request whose path
 * is `/`. Express, Fastify and Koa keep the path that was asked for in `originalUrl`.
 */
export function mountedAt(ctx: RequestContext): string {
  const { originalUrl = ctx.originalUrl } = ctx.req as { readonly originalUrl?: string };
  const path = originalUrl.split("?", 1)[0] as string;
  // A whole URL, or what browsers take for one.
  if (!/^\/(?![/\\])/.test(path)) return "";
  return path.replace(/\/$/, "");
}
