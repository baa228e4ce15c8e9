import type { SettingEntry, SettingRepository } from "../domain/index.ts";
import { configNotFound } from "./setting-changes.ts";

/** One setting. */
export class ReadSetting {
  readonly #repository: SettingRepository;

  constructor(repository: SettingRepository) {
    this.#repository = repository;
  }

  /** Throws `config_not_found`. */
  async execute(name: string): Promise<SettingEntry> {
    const entry = (await this.#repository.all()).find((entry) => entry.name === name);
    if (!entry) throw configNotFound();
    return entry;
  }
}
