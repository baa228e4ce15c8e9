import { type FieldProblem, readSettings, type SettingRepository } from "../domain/index.ts";
import type { CurrentSettings } from "./current-settings.ts";

/** Puts the stored settings in force in this process. */
export class LoadSettings {
  readonly #repository: SettingRepository;
  readonly #current: CurrentSettings;

  constructor(repository: SettingRepository, current: CurrentSettings) {
    this.#repository = repository;
    this.#current = current;
  }

  /** Answers the stored settings that are not acceptable; their defaults are in force. */
  async execute(): Promise<readonly FieldProblem[]> {
    const entries = await this.#repository.all();
    const { settings, problems } = readSettings(new Map(entries.map(({ name, value }) => [name, value])));
    this.#current.replace(settings);
    return problems;
  }
}
