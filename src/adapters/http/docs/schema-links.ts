import type { OpenApiDocument } from "./docs-answers.ts";
import { escaped } from "./html.ts";

/** Escapes a text, in which names of the document's schemas lead to them. */
export type Linked = (text: string) => string;

export function schemaLinks({ components: { schemas } }: Pick<OpenApiDocument, "components">): Linked {
  return (text) =>
    escaped(text).replaceAll(/\b[A-Z][A-Za-z]+\b/g, (word) =>
      Object.hasOwn(schemas, word) ? `<a href="#${word}">${word}</a>` : word,
    );
}
