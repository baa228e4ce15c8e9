import type { LogDraft, SettingChange, SettingEntry, SettingRepository } from "../../domain/index.ts";
import { InMemoryDatabase } from "./in-memory-database.ts";

export class InMemorySettingRepository implements SettingRepository {
  readonly #database: InMemoryDatabase;

  constructor(database: InMemoryDatabase = new InMemoryDatabase()) {
    this.#database = database;
  }

  async all(): Promise<readonly SettingEntry[]> {
    return [...this.#database.settings.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async apply(changes: readonly SettingChange[], entry: LogDraft | null): Promise<void> {
    const { settings } = this.#database;
    for (const change of changes) {
      if ("removed" in change) {
        settings.delete(change.name);
        continue;
      }
      const { name, value, description, at } = change;
      const createdAt = settings.get(name)?.createdAt ?? at;
      settings.set(name, { name, value, description, createdAt, updatedAt: at });
    }
    this.#database.write(entry);
  }

  async seed(entries: readonly SettingEntry[]): Promise<void> {
    for (const entry of entries) {
      if (!this.#database.settings.has(entry.name)) this.#database.settings.set(entry.name, entry);
    }
  }
}
