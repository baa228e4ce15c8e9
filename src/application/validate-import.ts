import type { RowProblem, Service } from "../domain/index.ts";
import { type ImportParts, problemsOf, readImport } from "./read-import.ts";
import type { Roster } from "./roster.ts";

export interface ImportVerdict {
  readonly total: number;
  /** What would keep rows from being imported. */
  readonly problems: readonly RowProblem[];
  /** Keys that are in the pool already: they would be skipped, or overwritten. */
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
      if (!("row" in read) || !this.#roster.find(service, read.row.secret)) return [];
      return [{ index: read.index, field: "key", message: "is in the pool already" }];
    });
    return { total: rows.length, problems: problemsOf(rows), warnings };
  }
}
