import type { SettingEntry, SettingRepository } from "../domain/index.ts";

/** All settings, by name. */
export class ListSettings {
  readonly #repository: SettingRepository;

  constructor(repository: SettingRepository) {
    this.#repository = repository;
  }

  execute(): Promise<readonly SettingEntry[]> {
    return this.#repository.all();
  }
}
