import { z } from "zod";
import { type FailureCode, STATUS_OF } from "../answers.ts";
import { type DocumentedAnswer, failure, type Operation } from "./operation.ts";

const ALWAYS: readonly FailureCode[] = ["invalid_request", "internal"];

const STORAGE_HEADERS = { "Retry-After": "Seconds to wait before trying again" };

/** Every answer an operation may give, failures included, by HTTP status. */
export function answersOf({ answers, failures }: Operation): Readonly<Record<number, DocumentedAnswer>> {
  const codesOf = new Map<number, FailureCode[]>();
  for (const code of [...ALWAYS, ...failures]) {
    const status = STATUS_OF[code];
    codesOf.set(status, [...(codesOf.get(status) ?? []), code]);
  }
  const all: Record<number, DocumentedAnswer> = { ...answers };
  for (const [status, codes] of codesOf) {
    const known = all[status];
    const schema = failure(codes);
    const headers = { ...(codes.includes("storage_unavailable") && STORAGE_HEADERS), ...known?.headers };
    all[status] = {
      description: [known?.description, ...codes].filter(Boolean).join(", or "),
      schema: known?.schema ? z.union([known.schema, schema]) : schema,
      ...(Object.keys(headers).length > 0 && { headers }),
    };
  }
  return all;
}
