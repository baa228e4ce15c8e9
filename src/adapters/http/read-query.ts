import type { z } from "zod";
import type { FieldProblem } from "../../domain/index.ts";
import { invalid } from "./refusal.ts";
import { problemsOf, wording } from "./validate.ts";

/** Reads what the schema knows from a query, and passes over the rest. Throws `invalid_request`. */
export function readQuery<S extends z.ZodObject>(schema: S, query: string): z.output<S> {
  if (!isDecodable(query)) throw invalid({ field: "query", message: "has broken percent-encoding" });
  const sent = new URLSearchParams(query);
  const values: Record<string, string> = {};
  const repeated: FieldProblem[] = [];
  for (const field of Object.keys(schema.shape)) {
    const [value, ...more] = sent.getAll(field);
    if (more.length > 0) repeated.push({ field, message: "must be given once" });
    else if (value !== undefined) values[field] = value;
  }
  const result = schema.safeParse(values, { error: wording });
  if (result.success && repeated.length === 0) return result.data;
  throw invalid(...repeated, ...(result.success ? [] : problemsOf(result.error, "query")));
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
 * Keeps what the last queries came to: programs that poll repeat a few of them, and reading one costs more
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
