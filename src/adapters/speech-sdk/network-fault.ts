import type { Evidence, Unreachable } from "../../domain/index.ts";

const MEANINGS: ReadonlyMap<string, Unreachable> = new Map([
  ["ECONNREFUSED", "refused"],
  ["EHOSTUNREACH", "no-route"],
  ["ENETUNREACH", "no-route"],
  ["ETIMEDOUT", "timed-out"],
  ["ENOTFOUND", "unresolved"],
  ["EAI_AGAIN", "unresolved"],
]);

/** What Node refuses to send. */
const NEVER_SENT = new Set(["ERR_INVALID_CHAR", "ERR_UNESCAPED_CHARACTERS", "ERR_INVALID_URL"]);

/** What the `code` of an error that Node's HTTP client raised means. */
export function networkFault(code: string): Evidence {
  if (NEVER_SENT.has(code)) return { kind: "not-asked", fault: "unusable-request" };
  return { kind: "unreachable", why: MEANINGS.get(code) ?? "broken", detail: code };
}
