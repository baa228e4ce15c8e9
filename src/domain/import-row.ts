import type { FieldProblem } from "./errors.ts";
import { checkNewKey, type KeyToAdd } from "./new-key.ts";
import { Problems } from "./problems.ts";
import { maskSecret } from "./secret.ts";

/** One thing that is wrong with one row of an import, `index` counting from 0. */
export interface RowProblem extends FieldProblem {
  readonly index: number;
}

/** A row of an import, checked; or everything that is wrong with it, at least one problem. */
export type ParsedRow = { readonly row: KeyToAdd } | { readonly problems: readonly FieldProblem[] };

/** Checks one row of an import, `{secret, region, name?, tag?, maxInFlight?, status?}` as it was read from JSON. */
export function parseImportRow(value: unknown): ParsedRow {
  const problems = new Problems();
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.add("row", "must be a JSON object");
    return { problems: problems.found };
  }
  const row = checkNewKey(value as Readonly<Record<string, unknown>>, problems);
  return row ? { row } : { problems: problems.found };
}

/** The masked secret of a row of any shape, such as `abcd***`. */
export function maskRow(value: unknown): string {
  const secret =
    typeof value === "object" && value !== null ? (value as { secret?: unknown }).secret : undefined;
  return maskSecret(typeof secret === "string" ? secret : "").toWellFormed();
}
