import { DomainError, type FieldProblem } from "./errors.ts";
import { type KeyDescription, parseName, parseTag, refuseSecretIn } from "./key.ts";
import { parseRegion } from "./region.ts";
import { maskSecret, parseSecret } from "./secret.ts";

/** One key as an import states it. Of name and tag, what it does not say is absent. */
export interface ImportRow extends Partial<KeyDescription> {
  readonly region: string;
  readonly secret: string;
  /** False for a key that is to be created disabled. */
  readonly enabled: boolean;
}

/** One thing that is wrong with one row, `index` counting from 0. */
export interface RowProblem extends FieldProblem {
  readonly index: number;
}

export type ParsedRow =
  | { readonly row: ImportRow }
  | { readonly problems: readonly [FieldProblem, ...FieldProblem[]] };

/** Reads a row `{key, region, keyname?, tag?, status?}`; finds everything that is wrong with it at once. */
export function parseImportRow(value: unknown): ParsedRow {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { problems: [{ field: "row", message: "must be a JSON object" }] };
  }
  const { key, region, keyname, tag, status } = value as Readonly<Record<string, unknown>>;
  const problems: FieldProblem[] = [];
  const attempt = <T>(parse: () => T): T | undefined => {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const text = <T>(field: string, given: unknown, parse: (text: string) => T): T | undefined => {
    if (typeof given === "string") return attempt(() => parse(given));
    problems.push({ field, message: given === undefined ? "is required" : "must be a JSON string" });
    return undefined;
  };

  const secret = text("key", key, parseSecret);
  const place = text("region", region, parseRegion);
  const name = keyname == null ? undefined : text("keyname", keyname, parseName);
  const label = tag == null ? tag : text("tag", tag, parseTag);
  if (status != null && status !== "enabled" && status !== "disabled") {
    problems.push({ field: "status", message: "must be one of enabled, disabled" });
  }
  const telling = { ...(name !== undefined && { name }), ...(label !== undefined && { tag: label }) };
  if (secret !== undefined) attempt(() => refuseSecretIn(telling, secret));
  const [first, ...more] = problems;
  if (first) return { problems: [first, ...more] };
  const row = { secret: secret as string, region: place as string, ...telling };
  return { row: { ...row, enabled: status !== "disabled" } };
}

/** How a row's key may be shown, whatever stands in its place. */
export function maskRow(value: unknown): string {
  const key = typeof value === "object" && value !== null ? (value as { key?: unknown }).key : undefined;
  return maskSecret(typeof key === "string" ? key : "").toWellFormed();
}
