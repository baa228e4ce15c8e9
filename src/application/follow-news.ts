import type { Announcement } from "../domain/index.ts";
import type { KeyLookup } from "./key-lookup.ts";
import type { LoadSettings } from "./load-settings.ts";
import type { Roster } from "./roster.ts";

/** Brings this process up to date with what another instance has changed. */
export class FollowNews {
  readonly #roster: Roster;
  readonly #lookup: KeyLookup;
  readonly #loadSettings: LoadSettings;

  constructor(roster: Roster, lookup: KeyLookup, loadSettings: LoadSettings) {
    this.#roster = roster;
    this.#lookup = lookup;
    this.#loadSettings = loadSettings;
  }

  async execute(announcement: Announcement): Promise<void> {
    switch (announcement.kind) {
      case "settings-changed":
        await this.#loadSettings.execute();
        return;
      case "key-changed": {
        const key = this.#roster.get(announcement.id);
        if (key) await this.#lookup.catchUp(key);
        else await this.#lookup.byId(announcement.id);
      }
    }
  }
}
