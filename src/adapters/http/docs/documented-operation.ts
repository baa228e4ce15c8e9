import type { Json } from "./json.ts";

/** An operation as it stands in the document, and where it is called. */
export interface DocumentedOperation {
  readonly method: string;
  /** From the root of the server. */
  readonly path: string;
  /** The same relative to the page. */
  readonly target: string;
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly "x-role": string;
  readonly parameters: readonly DocumentedParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, DocumentedContent>> };
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}

export interface DocumentedParameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly description?: string;
  readonly schema: Json;
  readonly example: unknown;
}

export interface DocumentedContent {
  readonly schema: Json;
  readonly example?: unknown;
}

export interface DocumentedResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string }>>;
  readonly content?: Readonly<Record<string, DocumentedContent>>;
}
