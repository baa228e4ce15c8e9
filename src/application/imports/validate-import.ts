import { looksLikeSecret, type RowProblem, type Service } from "../../domain/index.ts";
import type { Keyring } from "../keyring/keyring.ts";
import { type ImportParts, problemsOf, readImport } from "./read-import.ts";

const SHOWN = "looks like a key, and is shown to everybody";

export interface ImportVerdict {
  readonly total: number;
  /** What would keep rows from being imported. */
  readonly problems: readonly RowProblem[];
  /** Keys that are in the pool already and would be skipped, or overwritten; names and tags that look like keys. */
  readonly warnings: readonly RowProblem[];
}

/** Says what would keep rows from being imported, and changes nothing. */
export class ValidateImport {
  readonly #keyring: Keyring;

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  async execute(service: Service, parts: ImportParts): Promise<ImportVerdict> {
    const rows = await readImport(parts);
    const warnings: RowProblem[] = [];
    for (const read of rows) {
      if (!("row" in read)) continue;
      const { index, row } = read;
      const warn = (field: string, message: string) => warnings.push({ index, field, message });
      if (this.#keyring.knows(service, row.secret)) warn("secret", "is in the pool already");
      if (looksLikeSecret(row.name ?? "")) warn("name", SHOWN);
      if (looksLikeSecret(row.tag ?? "")) warn("tag", SHOWN);
    }
    return { total: rows.length, problems: problemsOf(rows), warnings };
  }
}
