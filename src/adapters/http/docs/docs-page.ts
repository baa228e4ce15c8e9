import { DOCS_STYLE } from "./docs-style.ts";
import type { Json, OpenApiDocument } from "./open-api-document.ts";
import { notation, remarkOn } from "./schema-notation.ts";

interface DescribedOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  /** Where the path is not below the document's own server. */
  readonly servers?: readonly Json[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Response>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly schema: Json;
}

interface Content {
  readonly schema: Json;
  readonly example?: unknown;
}

interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string }>>;
  readonly content?: Readonly<Record<string, Content>>;
}

/** The document as one page that needs nothing else: no script, no font, no other file. */
export function docsPage(document: OpenApiDocument): string {
  const { title, version, description } = document.info as Record<string, string>;
  const base = document.servers[0]?.url as string;
  const sections = document.tags.map(({ name }) => section(name, base, document));
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `<article id="${escaped(name)}"><h3>${escaped(name)}</h3>
${schema.description ? paragraphs(String(schema.description)) : ""}<pre>${linked(notation(schema), document)}</pre></article>`,
  );
  const links = [...document.tags.map(({ name }) => name), "Schemas"].map(
    (name) => `<a href="#${anchor(name)}">${escaped(name)}</a>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title ?? "")} API</title><style>${DOCS_STYLE}</style></head><body>
<header><h1>${escaped(title ?? "")} <small>${escaped(version ?? "")}</small></h1>${paragraphs(description ?? "")}
<p>The same as an <a href="${base}/openapi.json">OpenAPI 3.1 document</a>.</p><nav>${links.join("")}</nav></header>
<main>${sections.join("\n")}
<section id="${anchor("Schemas")}"><h2>Schemas</h2>${schemas.join("\n")}</section></main></body></html>
`;
}

function section(tag: string, base: string, document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .map(([method, operation]) => ({ method, path, operation: operation as unknown as DescribedOperation }))
      .filter(({ operation }) => operation.tags.includes(tag))
      .map(({ method, path, operation }) =>
        article(method, (operation.servers ? "" : base) + path, operation, document),
      ),
  );
  return `<section id="${anchor(tag)}"><h2>${escaped(tag)}</h2>${operations.join("\n")}</section>`;
}

function article(
  method: string,
  path: string,
  operation: DescribedOperation,
  document: OpenApiDocument,
): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const { "application/json": body, ...texts } = requestBody?.content ?? {};
  const parts = [
    description ? paragraphs(description) : "",
    parameters.length > 0 ? parameterTable(parameters) : "",
    body ? `<h4>Body</h4><pre>${linked(notation(body.schema), document)}</pre>` : "",
    body?.example ? `<h4>Example</h4><pre>${escaped(JSON.stringify(body.example, null, 2))}</pre>` : "",
    ...Object.entries(texts).map(
      ([media, { schema, example }]) =>
        `<h4>Or as ${escaped(media)}</h4>${paragraphs(String(schema.description))}<pre>${escaped(String(example))}</pre>`,
    ),
    `<h4>Answers</h4>${Object.entries(responses)
      .map(([status, one]) => answer(status, one, document))
      .join("")}`,
  ];
  return `<details id="${operationId}"><summary><b class="${method}">${method.toUpperCase()}</b>
<code>${escaped(path)}</code><span>${escaped(summary)}</span></summary><div>${parts.join("\n")}</div></details>`;
}

function parameterTable(parameters: readonly Parameter[]): string {
  const rows = parameters.map(({ name, in: place, description, schema }) => {
    const remark = description ?? remarkOn(schema);
    return `<tr><td><code>${escaped(name)}</code></td><td>${place}</td><td>${escaped(notation(schema))}</td><td>${escaped(remark)}</td></tr>`;
  });
  return `<h4>Parameters</h4><table>${rows.join("")}</table>`;
}

function answer(
  status: string,
  { description, headers, content }: Response,
  document: OpenApiDocument,
): string {
  const told = Object.entries(headers ?? {}).map(
    ([name, header]) => `<p><code>${escaped(name)}</code> ${escaped(header.description)}</p>`,
  );
  const heading = `<b class="s${status[0]}">${status}</b> ${escaped(description)}`;
  if (!content) return `<p>${heading}</p>`;
  const { schema = {} } = content["application/json"] ?? Object.values(content)[0] ?? {};
  return `<details class="answer"><summary>${heading}</summary>${told.join("")}<pre>${linked(notation(schema), document)}</pre></details>`;
}

/** Escaped text whose names of schemas lead to them. */
function linked(text: string, { components }: OpenApiDocument): string {
  return escaped(text).replaceAll(/\b[A-Z][A-Za-z]+\b/g, (word) =>
    word in components.schemas ? `<a href="#${word}">${word}</a>` : word,
  );
}

function paragraphs(text: string): string {
  return text
    .split("\n\n")
    .map((one) => `<p>${escaped(one).replaceAll(/`([^`]+)`/g, "<code>$1</code>")}</p>`)
    .join("");
}

function anchor(name: string): string {
  return `section-${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
