import type { Handler, Routes } from "./request-context.ts";

interface Documentation {
  readonly json: string;
  readonly page: string;
}

/** The API's documentation, for people and for programs. */
export function docsRoutes(base: string, version: string): Routes {
  let made: Promise<Documentation> | undefined;
  // Made when first asked for: most processes never are, and the start should not wait for it.
  const documentation = () => {
    made ??= make(version);
    return made;
  };

  const json: Handler = async (ctx) => {
    ctx.type = "json";
    ctx.body = (await documentation()).json;
  };

  const docs: Handler = async (ctx) => {
    ctx.vary("Accept");
    // Only browsers ask for HTML by name; who takes anything is a program.
    if (ctx.accepts("json", "html") !== "html") return json(ctx);
    ctx.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    ctx.type = "html";
    ctx.body = (await documentation()).page;
  };

  return { [`${base}/docs`]: { GET: docs }, [`${base}/openapi.json`]: { GET: json } };
}

async function make(version: string): Promise<Documentation> {
  const [{ openApiDocument }, { docsPage }] = await Promise.all([
    import("./docs/open-api-document.ts"),
    import("./docs/docs-page.ts"),
  ]);
  const document = await openApiDocument(version);
  return { json: JSON.stringify(document), page: docsPage(document) };
}
