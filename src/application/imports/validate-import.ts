import type { RowProblem, Scope, Service } from "../../domain/index.ts";
import type { Keyring } from "../keyring/keyring.ts";
import { type ImportParts, problemsOf, readImport } from "./read-import.ts";

export interface ImportVerdict {
  readonly total: number;
  /** What would keep rows from being imported. */
  readonly problems: readonly RowProblem[];
  /** Keys that are in the pool already and would be skipped, or overwritten. */
  readonly warnings: readonly RowProblem[];
}

/** Says what would keep rows from being imported, and changes nothing. */
export class ValidateImport {
  readonly #keyring: Keyring;

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  async execute(service: Service, parts: ImportParts, scope?: Scope): Promise<ImportVerdict> {
    const rows = await readImport(parts, { service, scope, keyring: this.#keyring });
    const warnings: RowProblem[] = [];
    for (const read of rows) {
      if (!("row" in read)) continue;
      const { index, row } = read;
      if (!this.#keyring.knows(service, row.secret)) continue;
      warnings.push({ index, field: "secret", message: "is in the pool already" });
    }
    return { total: rows.length, problems: problemsOf(rows), warnings };
  }
}
