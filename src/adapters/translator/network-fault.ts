import type { Evidence, Unreachable } from "../../domain/index.ts";

const MEANINGS: ReadonlyMap<string, Unreachable> = new Map([
  ["ECONNREFUSED", "refused"],
  ["EHOSTUNREACH", "no-route"],
  ["ENETUNREACH", "no-route"],
  ["ETIMEDOUT", "timed-out"],
  ["UND_ERR_CONNECT_TIMEOUT", "timed-out"],
  ["UND_ERR_HEADERS_TIMEOUT", "timed-out"],
  ["UND_ERR_BODY_TIMEOUT", "timed-out"],
  ["ENOTFOUND", "unresolved"],
  ["EAI_AGAIN", "unresolved"],
]);

/** What `fetch` refuses to send. */
const NEVER_SENT = new Set(["ERR_INVALID_CHAR", "ERR_UNESCAPED_CHARACTERS", "ERR_INVALID_URL"]);

/** What an error of `fetch` means. It wraps the one of Node or undici, whose `code` says more. */
export function networkFault(error: unknown): Evidence {
  const { code } = ((error as { cause?: unknown }).cause ?? {}) as { code?: string };
  if (code === undefined) return { kind: "unreachable", why: "broken", detail: "FETCH_FAILED" };
  if (NEVER_SENT.has(code)) return { kind: "not-asked", fault: "unusable-request" };
  return { kind: "unreachable", why: MEANINGS.get(code) ?? "broken", detail: code };
}
