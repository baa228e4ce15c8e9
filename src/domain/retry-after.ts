const LONGEST_WAIT_SECONDS = 31 * 86_400;

/**
 * Reads a `Retry-After` header: seconds, or a date that is compared with `now` (epoch milliseconds).
 * Whole seconds, rounded up, at most 31 days; undefined for anything else.
 */
export function parseRetryAfter(header: string | null | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text), LONGEST_WAIT_SECONDS);
  // Date.parse takes almost anything for a date, so the shape of an HTTP date is checked first.
  if (!/^[A-Z][a-z]{2,8}, .*\bGMT$/.test(text)) return undefined;
  const seconds = Math.ceil((Date.parse(text) - now) / 1000);
  if (Number.isNaN(seconds)) return undefined;
  return Math.min(Math.max(seconds, 0), LONGEST_WAIT_SECONDS);
}
