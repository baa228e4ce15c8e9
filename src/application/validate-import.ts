import { looksLikeSecret, type RowProblem, type Service } from "../domain/index.ts";
import { type ImportParts, problemsOf, readImport } from "./read-import.ts";
import type { Roster } from "./roster.ts";

const SHOWN = "looks like a key, and is shown to everybody";

export interface ImportVerdict {
  readonly total: number;
  /** What would keep rows from being imported. */
  readonly problems: readonly RowProblem[];
  /** Keys that are in the pool already and would be skipped, or overwritten; names and tags that look like keys. */
  readonly warnings: readonly RowProblem[];
}

/** Tells what an import would stumble over, and changes nothing. */
export class ValidateImport {
  readonly #roster: Roster;

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  async execute(service: Service, parts: ImportParts): Promise<ImportVerdict> {
    const rows = await readImport(parts);
    const warnings = rows.flatMap((read) => {
      if (!("row" in read)) return [];
      const { index, row } = read;
      const isKnown = this.#roster.find(service, row.secret) !== undefined;
      return [
        ...(isKnown ? [{ index, field: "key", message: "is in the pool already" }] : []),
        ...(looksLikeSecret(row.name ?? "") ? [{ index, field: "keyname", message: SHOWN }] : []),
        ...(looksLikeSecret(row.tag ?? "") ? [{ index, field: "tag", message: SHOWN }] : []),
      ];
    });
    return { total: rows.length, problems: problemsOf(rows), warnings };
  }
}
