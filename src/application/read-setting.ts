import { type SettingEntry, type SettingRepository, settingNotFound } from "../domain/index.ts";

/** One setting. */
export class ReadSetting {
  readonly #repository: SettingRepository;

  constructor(repository: SettingRepository) {
    this.#repository = repository;
  }

  /** Throws `setting_not_found`. */
  async execute(name: string): Promise<SettingEntry> {
    const entry = (await this.#repository.all()).find((entry) => entry.name === name);
    if (!entry) throw settingNotFound();
    return entry;
  }
}
