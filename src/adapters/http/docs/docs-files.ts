import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RequestContext } from "../server/request-context.ts";
import { type Route, route } from "../server/route.ts";
import { DOCS_PATH } from "./docs-routes.ts";
import { DOCS_STYLE } from "./docs-style.ts";

/** What the page of the documentation loads; no part of the API. */
export function docsFiles(): readonly Route[] {
  return [
    fileRoute("docs.css", "css", () => DOCS_STYLE),
    fileRoute("docs.js", "js", () => readFileSync(join(import.meta.dirname, "docs-script.js"), "utf8")),
  ];
}

function fileRoute(name: string, type: string, read: () => string): Route {
  let content: string | undefined;
  return route({
    method: "GET",
    path: `${DOCS_PATH}/${name}`,
    tag: "System",
    summary: `Get ${name}`,
    description: "A file of the documentation's page.",
    role: "anyone",
    answers: { 200: { description: "The file" } },
    failures: [],
    logged: "debug",
    handler(ctx: RequestContext) {
      // Most processes are never asked for it.
      content ??= read();
      ctx.type = type;
      ctx.body = content;
    },
  });
}
