import {
  type FieldProblem,
  type KeyToAdd,
  maskRow,
  parseImportRow,
  type RowProblem,
  type Scope,
  type Service,
} from "../../domain/index.ts";
import { isWithin } from "../access/in-scope.ts";
import type { Keyring } from "../keyring/keyring.ts";

/** Where an import may put keys. */
export interface ImportPlace {
  readonly service: Service;
  /** Default: anywhere. */
  readonly scope: Scope | undefined;
}

interface Reading extends ImportPlace {
  readonly keyring: Pick<Keyring, "secretsIn">;
}

/**
 * The rows of an import as they were sent, some at a time. A caller that has many of them pauses between
 * the parts, so that reading them does not hold up the hand-outs.
 */
export type ImportParts = Iterable<readonly unknown[]> | AsyncIterable<readonly unknown[]>;

export type ReadRow = { readonly index: number /** Its key, masked. */; readonly shown: string } & (
  | { readonly row: KeyToAdd }
  | { readonly problems: readonly FieldProblem[] }
);

type ParsedRow = ReturnType<typeof parseImportRow>;

/** Checks every row on its own and against those before it; a key may stand in an import only once. */
export async function readImport(parts: ImportParts, place: Reading): Promise<readonly ReadRow[]> {
  const rows: ReadRow[] = [];
  const firstIndexOf = new Map<string, number>();
  for await (const part of parts) {
    for (const value of part) {
      const index = rows.length;
      const shown = maskRow(value);
      const parsed = withoutSecrets(parseImportRow(value), place.keyring);
      const first = "row" in parsed ? firstIndexOf.get(parsed.row.secret) : undefined;
      if (first !== undefined) {
        rows.push({
          index,
          shown,
          problems: [{ field: "secret", message: `is the same as in row ${first}` }],
        });
        continue;
      }
      if ("row" in parsed && !isPlacedWithin(place, parsed.row)) {
        const message = "is outside of the token's scope";
        rows.push({ index, shown, problems: [{ field: "region", message }] });
        continue;
      }
      if ("row" in parsed) firstIndexOf.set(parsed.row.secret, index);
      rows.push({ index, shown, ...parsed });
    }
  }
  return rows;
}

/** Names and tags are shown, so that none may be a key of the pool. */
function withoutSecrets(parsed: ParsedRow, keyring: Reading["keyring"]): ParsedRow {
  if (!("row" in parsed)) return parsed;
  const problems = keyring.secretsIn({ name: parsed.row.name, tag: parsed.row.tag });
  return problems.length > 0 ? { problems } : parsed;
}

function isPlacedWithin({ service, scope }: ImportPlace, { region, tag = null }: KeyToAdd): boolean {
  return isWithin(scope, { service, region, tag });
}

export function problemsOf(rows: readonly ReadRow[]): readonly RowProblem[] {
  return rows.flatMap((read) =>
    "row" in read ? [] : read.problems.map((problem) => ({ index: read.index, ...problem })),
  );
}
