import type { SettingEntry } from "../domain/index.ts";
import type { SettingChanges, SettingInput } from "./setting-changes.ts";

/** Sets many settings, all or none, judged as they will stand together. */
export class SaveSettings {
  readonly #changes: SettingChanges;

  constructor(changes: SettingChanges) {
    this.#changes = changes;
  }

  /** Throws `invalid_request`, `storage_unavailable`. */
  async execute(inputs: readonly SettingInput[]): Promise<readonly SettingEntry[]> {
    return (await this.#changes.save(inputs)).map(({ entry }) => entry);
  }
}
