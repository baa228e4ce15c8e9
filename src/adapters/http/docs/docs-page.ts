import { BASE } from "../server/base-path.ts";
import type { OpenApiDocument } from "./docs-answers.ts";
import type { DocumentedOperation } from "./documented-operation.ts";
import { anchor, escaped, paragraphs } from "./html.ts";
import type { Json } from "./json.ts";
import { operationArticle } from "./operation-article.ts";
import { schemaLinks } from "./schema-links.ts";
import { notation } from "./schema-notation.ts";

/**
 * The document as one page, to be read without its script too. Links are relative to where it is read, which may be
 * behind any prefix, and nothing comes from elsewhere.
 */
export function docsPage(document: OpenApiDocument): string {
  const { title, version, description } = document.info as Record<string, string>;
  const linked = schemaLinks(document);
  const sections = document.tags.map(({ name, description = "" }) => {
    const operations = operationsOf(name, document).map((operation) => operationArticle(operation, linked));
    return section(name, `${paragraphs(description)}${operations.join("\n")}`);
  });
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `<article id="${escaped(name)}"><h3>${escaped(name)}</h3>
${schema.description ? paragraphs(String(schema.description)) : ""}<pre>${linked(notation(schema))}</pre></article>`,
  );
  const links = [...document.tags.map(({ name }) => name), "Schemas"].map(
    (name) => `<a href="#${anchor(name)}">${escaped(name)}</a>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title ?? "")} API</title><link rel="icon" href="data:,"><link rel="stylesheet" href="docs/docs.css">
<script type="module" src="docs/docs.js"></script></head><body>
<header><h1>${escaped(title ?? "")} <small>${escaped(version ?? "")}</small></h1>${paragraphs(description ?? "")}
<p>The same as an <a href="openapi.json">OpenAPI 3.1 document</a>.</p><nav>${links.join("")}</nav></header>
${TOOLS}
<main>${sections.join("\n")}
${section("Schemas", schemas.join("\n"))}</main></body></html>
`;
}

/** Of use with the script only, which shows it. */
const TOOLS = `<form class="tools" hidden><label>Search <input type="search" id="search" autocomplete="off"
aria-describedby="found"></label><span id="found" role="status"></span>
<label>Token <input type="password" id="token" autocomplete="off" spellcheck="false" placeholder="akp_…"
title="Kept in this tab, sent with what you try"></label>
<label>Colours <select id="appearance"><option value="auto">as the system</option><option value="light">light</option>
<option value="dark">dark</option></select></label></form>`;

function section(name: string, content: string): string {
  return `<section id="${anchor(name)}"><h2>${escaped(name)}</h2>${content}</section>`;
}

function operationsOf(tag: string, { paths }: OpenApiDocument): readonly DocumentedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .map(([method, operation]) => documented(method, path, operation))
      .filter(({ tags }) => tags.includes(tag)),
  );
}

function documented(method: string, path: string, operation: Json): DocumentedOperation {
  const isBelowBase = operation.servers === undefined;
  return {
    ...(operation as unknown as Omit<DocumentedOperation, "method" | "path" | "target">),
    method: method.toUpperCase(),
    path: isBelowBase ? BASE + path : path,
    target: isBelowBase ? path.slice(1) : `..${path}`,
  };
}
