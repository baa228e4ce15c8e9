import type { SettingEntry } from "../domain/index.ts";
import type { SettingChanges } from "./setting-changes.ts";

/** Gives a known setting its default back; removes a setting of the user's own. */
export class RestoreSetting {
  readonly #changes: SettingChanges;

  constructor(changes: SettingChanges) {
    this.#changes = changes;
  }

  /** Throws `setting_not_found`, `invalid_request`, `storage_unavailable`. */
  execute(name: string): Promise<SettingEntry> {
    return this.#changes.restore(name);
  }
}
