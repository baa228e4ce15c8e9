import type { LogDraft, SettingChange, SettingEntry, SettingRepository } from "../../domain/index.ts";
import { toSettingEntry, toSettingRow } from "./setting-row.ts";
import type { Script, SqlDatabase } from "./sql-database.ts";

const INSERT = `insert into settings (name, value, description, created_at, updated_at)
  values (?, ?, ?, ?, ?) on conflict (name) do`;
const UPSERT = `${INSERT} update set
  value = excluded.value, description = excluded.description, updated_at = excluded.updated_at`;
const SEED = `${INSERT} nothing`;

export class SqlSettingRepository implements SettingRepository {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async all(): Promise<readonly SettingEntry[]> {
    const entries = (await this.#database.read("select * from settings", [])).map(toSettingEntry);
    // Sorted here, because the databases order text differently.
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  apply(changes: readonly SettingChange[], entry: LogDraft | null): Promise<void> {
    return this.#database.write(function* (journal): Script<void> {
      for (const change of changes) {
        if ("removed" in change) {
          yield { sql: "delete from settings where name = ?", values: [change.name] };
        } else {
          const { name, value, description, at } = change;
          const row = toSettingRow({ name, value, description, createdAt: at, updatedAt: at });
          yield { sql: UPSERT, values: row };
        }
      }
      if (entry !== null) journal.push(entry);
    }, changes.length + 1);
  }

  async seed(entries: readonly SettingEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#database.write(function* (): Script<void> {
      for (const entry of entries) yield { sql: SEED, values: toSettingRow(entry) };
    }, entries.length);
  }
}
