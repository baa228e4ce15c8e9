import { z } from "zod";
import { failure } from "../server/answer-schemas.ts";
import { type FailureCode, GUARDED, OPEN, STATUS_OF } from "../server/failure-codes.ts";
import type { DocumentedAnswer, RouteContract } from "../server/route.ts";

const ALWAYS: readonly FailureCode[] = ["invalid_request", "internal"];

const PASSING: readonly FailureCode[] = [
  "storage_unavailable",
  "busy",
  "too_many_attempts",
  "budget_exhausted",
];
const PASSING_HEADERS = { "Retry-After": "Seconds to wait before trying again" };

/** Every answer a route may give, failures included, by HTTP status. */
export function answersOf({
  answers,
  failures,
  role,
}: Pick<RouteContract, "answers" | "failures" | "role">): Readonly<Record<number, DocumentedAnswer>> {
  const codesOf = new Map<number, FailureCode[]>();
  for (const code of new Set([...ALWAYS, ...failures, ...(role === "anyone" ? OPEN : GUARDED)])) {
    const status = STATUS_OF[code];
    codesOf.set(status, [...(codesOf.get(status) ?? []), code]);
  }
  const all: Record<number, DocumentedAnswer> = { ...answers };
  for (const [status, codes] of codesOf) {
    const known = all[status];
    const schema = failure(codes);
    const headers = {
      ...(codes.some((code) => PASSING.includes(code)) && PASSING_HEADERS),
      ...known?.headers,
    };
    all[status] = {
      description: [known?.description, ...codes].filter(Boolean).join(", or "),
      schema: known?.schema ? z.union([known.schema, schema]) : schema,
      ...(Object.keys(headers).length > 0 && { headers }),
    };
  }
  return all;
}
