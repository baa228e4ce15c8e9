import { parseRetryAfter } from "../../domain/retry-after.ts";
import { verdictOf } from "../../domain/verdict.ts";

/** What a call to Azure said about the key. */
export interface AzureCode {
  /** The HTTP status that Azure gave, 100 to 599. */
  readonly code: number;
  /** As Azure sent it: seconds, or an HTTP date. */
  readonly retryAfter?: string | undefined;
}

/**
 * Reads the code from what a call returned or threw: a fetch `Response`, an error with a numeric `status` or
 * `statusCode` (its own or of its `response`), a WebSocket's `CloseEvent`, or an error that bears a close code
 * as `code`. What else is returned holds the caller's own data, whose `status` may mean anything. Undefined
 * where Azure said nothing about the key, as when the network failed.
 */
export function azureCodeIn(outcome: unknown): AzureCode | undefined {
  if (!isObject(outcome)) return undefined;
  const seen = seenIn(outcome);
  if (isA("Response", outcome)) return ofStatus([seen]);
  if (isA("CloseEvent", outcome) || isLikeCloseEvent(seen)) return ofClose(seen);
  if (!readOf(() => outcome instanceof Error)) return undefined;
  return ofStatus(isObject(seen.response) ? [seen, seenIn(seen.response)] : [seen]) ?? ofClose(seen);
}

const NAMES = [
  "status",
  "statusCode",
  "headers",
  "response",
  "code",
  "reason",
  "message",
  "wasClean",
] as const;

type Seen = Readonly<Partial<Record<(typeof NAMES)[number], unknown>>>;

function seenIn(value: object): Seen {
  return Object.fromEntries(NAMES.map((name) => [name, readOf(() => (value as Seen)[name])]));
}

/** Reads an object that others have made; undefined where it throws, for that must not take the place of the call's fault. */
function readOf<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The first status, and the first `Retry-After`: an error may bear the one, and its response the other. */
function ofStatus(places: readonly Seen[]): AzureCode | undefined {
  const code = places.flatMap(({ status, statusCode }) => [status, statusCode]).find(isHttpStatus);
  if (code === undefined) return undefined;
  // What else is sent there would have the whole report refused.
  const retryAfter = places
    .map(({ headers }) => readOf(() => retryAfterIn(headers)))
    .find((text) => parseRetryAfter(text, 0) !== undefined);
  return retryAfter === undefined ? { code } : { code, retryAfter };
}

/** Each way to call Azure has its own headers: some are asked by name, others are plain objects. */
function retryAfterIn(headers: unknown): string | undefined {
  if (!isObject(headers)) return undefined;
  const { get } = headers as { readonly get?: unknown };
  const value =
    typeof get === "function"
      ? get.call(headers, "retry-after")
      : Object.entries(headers).find(([name]) => name.toLowerCase() === "retry-after")?.[1];
  const [text]: readonly unknown[] = Array.isArray(value) ? value : [value];
  return typeof text === "string" || typeof text === "number" ? String(text) : undefined;
}

/** Azure refuses WebSockets with close codes such as 4429, or with words under a code that means something else. */
function ofClose({ code, reason, message }: Seen): AzureCode | undefined {
  if (typeof code !== "number" || !Number.isInteger(code) || code < 1000 || code > 4999) return undefined;
  const words = [reason, message].find((text) => typeof text === "string" && text !== "") ?? "";
  const verdict = verdictOf({ kind: "closed", code, reason: String(words) });
  return verdict.source === "service" ? { code: verdict.code } : undefined;
}

function isHttpStatus(code: unknown): code is number {
  return typeof code === "number" && Number.isInteger(code) && code >= 100 && code <= 599;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** That of the package `ws` has no tag. */
function isLikeCloseEvent({ code, wasClean }: Seen): boolean {
  return typeof code === "number" && typeof wasClean === "boolean";
}

/** By its tag, for the `Response` of a fetch from a package is of another class than the built-in one. */
function isA(tag: string, value: unknown): boolean {
  return readOf(() => Object.prototype.toString.call(value)) === `[object ${tag}]`;
}
