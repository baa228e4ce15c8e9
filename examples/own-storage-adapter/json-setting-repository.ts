import type { LogDraft, SettingChange, SettingEntry, SettingRepository } from "azure-key-pool/ports";
import type { JsonFile } from "./json-file.ts";

export class JsonSettingRepository implements SettingRepository {
  readonly #file: JsonFile;

  constructor(file: JsonFile) {
    this.#file = file;
  }

  async all(): Promise<readonly SettingEntry[]> {
    return this.#file.content.settings.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async apply(changes: readonly SettingChange[], entry: LogDraft | null): Promise<void> {
    for (const change of changes) this.#apply(change);
    this.#file.addLog(entry);
    await this.#file.saved();
  }

  async seed(entries: readonly SettingEntry[]): Promise<void> {
    const { settings } = this.#file.content;
    const missing = entries.filter(({ name }) => !settings.some((there) => there.name === name));
    settings.push(...missing);
    await this.#file.saved();
  }

  #apply(change: SettingChange): void {
    const { content } = this.#file;
    const before = content.settings.find(({ name }) => name === change.name);
    content.settings = content.settings.filter((entry) => entry !== before);
    if ("removed" in change) return;
    const { name, value, description, at } = change;
    const createdAt = before?.createdAt ?? at;
    content.settings.push({ name, value, description, createdAt, updatedAt: at });
  }
}
