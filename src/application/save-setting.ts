import type { SavedSetting, SettingChanges, SettingInput } from "./setting-changes.ts";

/** Sets one setting, new or not. */
export class SaveSetting {
  readonly #changes: SettingChanges;

  constructor(changes: SettingChanges) {
    this.#changes = changes;
  }

  /** Throws `invalid_request`, `storage_unavailable`. */
  async execute(input: SettingInput): Promise<SavedSetting> {
    return (await this.#changes.save([input]))[0] as SavedSetting;
  }
}
