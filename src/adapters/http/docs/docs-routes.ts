import { z } from "zod";
import { BASE } from "../server/base-path.ts";
import { prefersHtml } from "../server/prefers-html.ts";
import type { RequestContext } from "../server/request-context.ts";
import { type Route, route } from "../server/route.ts";

export const DOCS_PATH = `${BASE}/docs`;
export const OPENAPI_PATH = `${BASE}/openapi.json`;

/** What the page loads and asks comes from this server, and nothing that runs stands in it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:";

interface Documentation {
  readonly json: string;
  readonly page: string;
}

const document = z.looseObject({ openapi: z.literal("3.1.0") });

/** The documentation of all routes, for people and for programs. */
export function docsRoutes(version: string, routes: () => readonly Route[]): readonly Route[] {
  let made: Promise<Documentation> | undefined;
  // Made when first asked for: most processes never are, and the start should not wait for it.
  const documentation = () => {
    made ??= make(version, routes());
    return made;
  };

  const answerJson = async (ctx: RequestContext) => {
    ctx.type = "json";
    ctx.body = (await documentation()).json;
  };

  const docs = route({
    method: "GET",
    path: DOCS_PATH,
    tag: "System",
    summary: "Read this documentation",
    description: "A page for browsers; the OpenAPI document for `Accept: application/json`.",
    role: "anyone",
    answers: { 200: { description: "The documentation", schema: document, page: true } },
    failures: [],
    async handler(ctx) {
      ctx.vary("Accept");
      if (!prefersHtml(ctx)) return answerJson(ctx);
      ctx.set("Content-Security-Policy", POLICY);
      ctx.type = "html";
      ctx.body = (await documentation()).page;
    },
  });

  const openApi = route({
    method: "GET",
    path: OPENAPI_PATH,
    tag: "System",
    summary: "Get the OpenAPI 3.1 document",
    description:
      "For generators and tools. Its server is written relative to where it was read, so it holds behind any prefix.",
    role: "anyone",
    answers: { 200: { description: "The document", schema: document } },
    failures: [],
    handler: answerJson,
  });

  return [docs, openApi];
}

async function make(version: string, routes: readonly Route[]): Promise<Documentation> {
  const [{ openApiDocument }, { docsPage }] = await Promise.all([
    import("./open-api-document.ts"),
    import("./docs-page.ts"),
  ]);
  const document = await openApiDocument(version, routes);
  return { json: JSON.stringify(document), page: docsPage(document) };
}
