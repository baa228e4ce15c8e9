import type { z } from "zod";
import type { FieldProblem } from "../../../domain/index.ts";
import { invalid } from "./refusal.ts";
import { isHarmlessName, problemsOf, wording } from "./validate.ts";

/** Reads a query, in which only what the schema knows may be. Throws `invalid_request`. */
export function readQuery<S extends z.ZodObject>(schema: S, query: string): z.output<S> {
  if (!isDecodable(query)) throw invalid({ field: "query", message: "has broken percent-encoding" });
  // Ahead of the router nobody has looked for one.
  if (query.includes("#")) throw invalid({ field: "query", message: "must have no fragment" });
  const sent = new URLSearchParams(query);
  const values: Record<string, string> = {};
  const problems: FieldProblem[] = [];
  const known = new Set<string>();
  for (const [field, value] of sent) {
    if (known.has(field)) continue;
    known.add(field);
    if (!Object.hasOwn(schema.shape, field)) problems.push(unknownParameter(field));
    else if (sent.getAll(field).length > 1) problems.push({ field, message: "must be given once" });
    else values[field] = value;
  }
  const result = schema.safeParse(values, { error: wording });
  if (result.success && problems.length === 0) return result.data;
  throw invalid(...problems, ...(result.success ? [] : problemsOf(result.error, "query")));
}

function unknownParameter(name: string): FieldProblem {
  if (isHarmlessName(name)) return { field: name, message: "is not known" };
  return { field: "query", message: "has parameters that are not known" };
}

export function isDecodable(text: string): boolean {
  if (!text.includes("%")) return true;
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Keeps the results of the last queries: programs that poll repeat a few of them, and reading one costs more
 * than the hand-out it asks for.
 */
export function rememberQueries<T>(read: (query: string) => T, capacity = 500): (query: string) => T {
  const known = new Map<string, T>();
  return (query) => {
    let result = known.get(query);
    if (result === undefined) {
      result = read(query);
      if (known.size >= capacity) known.clear();
      if (query.length <= 200) known.set(query, result);
    }
    return result;
  };
}
