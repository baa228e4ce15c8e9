import { invalid } from "./errors.ts";

const LONGEST_WAIT_SECONDS = 31 * 86_400;

/** How long a service asked to wait: a time from the answer on, or until an instant. */
export type RetryAfter =
  | { readonly kind: "delay"; readonly ms: number }
  /** Epoch milliseconds, by the service's clock. */
  | { readonly kind: "date"; readonly at: number };

/**
 * Checks what a report says of `Retry-After`: whole seconds as a number or its digits, or an HTTP date in any of its
 * three forms. Throws `invalid_request`.
 */
export function parseReportedRetryAfter(value: unknown): RetryAfter {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return afterSeconds(value);
  if (typeof value === "string") {
    const text = value.trim();
    if (/^\d{1,15}$/.test(text)) return afterSeconds(Number(text));
    const at = instantOf(text);
    if (at !== undefined) return { kind: "date", at };
  }
  throw invalid({ field: "retryAfter", message: "must be whole seconds from 0, or an HTTP date" });
}

/** As a probe has read it. */
export function afterSeconds(seconds: number): RetryAfter {
  return { kind: "delay", ms: Math.min(seconds, LONGEST_WAIT_SECONDS) * 1000 };
}

/**
 * Reads a `Retry-After` header: seconds, or a date that is compared with `now` (epoch milliseconds).
 * Whole seconds, rounded up, at most 31 days; undefined for anything else.
 */
export function parseRetryAfter(header: string | null | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text), LONGEST_WAIT_SECONDS);
  const at = instantOf(text);
  if (at === undefined) return undefined;
  return Math.min(Math.max(Math.ceil((at - now) / 1000), 0), LONGEST_WAIT_SECONDS);
}

// Date.parse takes almost anything for a date, so the shape of an HTTP date is checked first.
const WITH_ZONE = /^[A-Z][a-z]{2,8}, .*\bGMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/** Undefined for what is no HTTP date. */
function instantOf(text: string): number | undefined {
  if (!WITH_ZONE.test(text) && !ASCTIME.test(text)) return undefined;
  const at = Date.parse(WITH_ZONE.test(text) ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : at;
}
