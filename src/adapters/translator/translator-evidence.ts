import { type Evidence, parseRetryAfter, type Refusal } from "../../domain/index.ts";
import { errorCodeIn } from "./translator-answer.ts";

/** Codes that say more than the HTTP status, their first three digits, does. */
const REFUSALS: ReadonlyMap<number, Refusal> = new Map([
  [401015, "key-of-another-service"],
  [403001, "quota-spent"],
]);

/** What an answer without a translation means; its `body` parsed, null when it was none. */
export function answerEvidence({ status, headers }: Response, body: unknown): Evidence {
  const retryAfterSeconds = parseRetryAfter(headers.get("retry-after"), Date.now());
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  const serviceCode = errorCodeIn(body);
  if (serviceCode === undefined) return { kind: "answered", status, ...wait };
  const refusal = REFUSALS.get(serviceCode);
  const isOfStatus = Math.trunc(serviceCode / 1000) === status;
  if (refusal !== undefined && isOfStatus) return { kind: "refused", refusal, ...wait };
  return { kind: "answered", status, serviceCode, ...wait };
}
