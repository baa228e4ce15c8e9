import {
  type Clock,
  knownSetting,
  parseSettingDescription,
  parseSettingName,
  parseSettings,
  parseSettingValue,
  type SettingChange,
  type SettingEntry,
  type SettingRepository,
  settingNotFound,
} from "../domain/index.ts";
import type { CurrentSettings } from "./current-settings.ts";

export interface SettingInput {
  readonly name: string;
  readonly value: string;
  /** Absent: the entry keeps the one it has. */
  readonly description?: string | undefined;
}

export interface SavedSetting {
  readonly entry: SettingEntry;
  readonly created: boolean;
}

/** Changes settings one caller after the other, so that each is judged against the state it changes. */
export class SettingChanges {
  readonly #clock: Clock;
  readonly #repository: SettingRepository;
  readonly #current: CurrentSettings;
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, repository: SettingRepository, current: CurrentSettings) {
    this.#clock = clock;
    this.#repository = repository;
    this.#current = current;
  }

  /** Saves all or none; known settings are judged as they will stand together. `mustExist`: 404 for a new one. */
  save(inputs: readonly SettingInput[], mustExist = false): Promise<readonly SavedSetting[]> {
    return this.#inTurn(async () => {
      const before = await this.#entries();
      const at = this.#clock.now();
      const changes = inputs.map((input) => toChange(input, before, at, mustExist));
      const after = await this.#apply(before, changes);
      return changes.map(({ name }) => ({
        entry: after.get(name) as SettingEntry,
        created: !before.has(name),
      }));
    });
  }

  /** Gives a known setting its default back and removes any other. Answers the entry. */
  restore(name: string): Promise<SettingEntry> {
    return this.#inTurn(async () => {
      const before = await this.#entries();
      const entry = before.get(name);
      if (!entry) throw settingNotFound();
      const known = knownSetting(name);
      const { defaultValue: value, description } = known ?? { defaultValue: "", description: "" };
      const change: SettingChange = known
        ? { name, value, description, at: this.#clock.now() }
        : { name, removed: true };
      return (await this.#apply(before, [change])).get(name) ?? entry;
    });
  }

  async #apply(before: ReadonlyMap<string, SettingEntry>, changes: readonly SettingChange[]) {
    const after = new Map(before);
    for (const change of changes) {
      if ("removed" in change) after.delete(change.name);
      else {
        const { name, value, description, at } = change;
        const createdAt = before.get(name)?.createdAt ?? at;
        after.set(name, { name, value, description, createdAt, updatedAt: at });
      }
    }
    const settings = parseSettings(new Map(Array.from(after.values(), ({ name, value }) => [name, value])));
    await this.#repository.apply(changes, {
      service: null,
      keyId: null,
      keyName: null,
      region: null,
      action: "update_config",
      statusCode: null,
      note: changes
        .map((change) => told(change, before))
        .join("; ")
        .slice(0, 500)
        .toWellFormed(),
      at: this.#clock.now(),
    });
    this.#current.replace(settings);
    return after;
  }

  async #entries(): Promise<ReadonlyMap<string, SettingEntry>> {
    return new Map((await this.#repository.all()).map((entry) => [entry.name, entry]));
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(act, act);
    this.#last = mine;
    return mine;
  }
}

function toChange(
  input: SettingInput,
  before: ReadonlyMap<string, SettingEntry>,
  at: number,
  mustExist: boolean,
) {
  const name = parseSettingName(input.name);
  const entry = before.get(name);
  if (mustExist && !entry) throw settingNotFound();
  const described = input.description ?? entry?.description ?? "";
  const value = parseSettingValue(input.value);
  return { name, value, description: parseSettingDescription(described), at };
}

function told(change: SettingChange, before: ReadonlyMap<string, SettingEntry>): string {
  const old = before.get(change.name)?.value;
  const next = "removed" in change ? "removed" : change.value;
  return old === undefined ? `${change.name}: ${next}` : `${change.name}: ${old} -> ${next}`;
}
