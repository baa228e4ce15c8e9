import type { RequestContext } from "./request-context.ts";

/** Only browsers ask for HTML by name; who takes anything is a program. */
export function prefersHtml(ctx: RequestContext): boolean {
  return ctx.accepts("json", "html") === "html";
}
