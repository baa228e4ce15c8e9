import type { LogDraft } from "../../domain/index.ts";
import { NEW_LOG_COLUMNS, toLogRow } from "./log-row.ts";
import { placeholders, type Script } from "./sql-database.ts";

const ROW = `(${placeholders(NEW_LOG_COLUMNS.length)})`;
const INSERT = `insert into logs (${NEW_LOG_COLUMNS.join(", ")}) values `;
const INSERT_ONE = INSERT + ROW;

/** One statement for each row: the fastest way where a statement costs no round trip. */
export function* writeOneByOne(journal: readonly LogDraft[]): Script<void> {
  for (const entry of journal) yield { sql: INSERT_ONE, values: toLogRow(entry) };
}

/** All rows in one statement: the fastest way over a network. */
export function* writeTogether(journal: readonly LogDraft[]): Script<void> {
  if (journal.length === 0) return;
  const rows = Array.from(journal, () => ROW).join(", ");
  yield { sql: INSERT + rows, values: journal.flatMap(toLogRow) };
}
