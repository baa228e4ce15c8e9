import type { IncomingMessage } from "node:http";

/** Who asks, and where they said so. */
export interface Caller {
  readonly key: string | null;
  readonly keyIn: readonly ("header" | "query")[];
  readonly region: string | null;
}

const KEY = "ocp-apim-subscription-key";
const REGION = "ocp-apim-subscription-region";

/** Reads the key, or the key that a bearer token was issued for, from the headers first, then the query. */
export function callerOf(
  request: IncomingMessage,
  query: URLSearchParams,
  keyOfToken: (token: string) => string | undefined,
): Caller {
  const parameters = new Map([...query].map(([name, value]) => [name.toLowerCase(), value]));
  const find = (read: (name: string) => string | undefined): string | undefined =>
    read(KEY) ?? keyOfToken((read("authorization") ?? "").replace(/^Bearer /i, ""));
  const inHeader = find((name) => request.headers[name]?.toString());
  const inQuery = find((name) => parameters.get(name));
  return {
    key: inHeader ?? inQuery ?? null,
    keyIn: [
      ...(inHeader === undefined ? [] : ["header" as const]),
      ...(inQuery === undefined ? [] : ["query" as const]),
    ],
    region: request.headers[REGION]?.toString() ?? null,
  };
}
