import type { SettingEntry } from "../domain/index.ts";
import type { SavedSetting, SettingChanges, SettingInput } from "./setting-changes.ts";

/** Changes a setting that is there already. */
export class UpdateSetting {
  readonly #changes: SettingChanges;

  constructor(changes: SettingChanges) {
    this.#changes = changes;
  }

  /** Throws `setting_not_found`, `invalid_request`, `storage_unavailable`. */
  async execute(input: SettingInput): Promise<SettingEntry> {
    return ((await this.#changes.save([input], true))[0] as SavedSetting).entry;
  }
}
