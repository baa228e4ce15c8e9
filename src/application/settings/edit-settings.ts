import {
  type Asker,
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
  settingsLogDraft,
} from "../../domain/index.ts";
import { type AuditTrail, audited } from "../audit/audit-trail.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { SettingsInForce } from "./settings-in-force.ts";

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

interface Parts {
  readonly clock: Clock;
  readonly settings: SettingRepository;
  readonly inForce: SettingsInForce;
  readonly keyring: Pick<Keyring, "refuseSecrets">;
  /** Called once a change has become durable. */
  readonly onChange: (changes: readonly SettingChange[], asker: Asker | undefined) => void;
  readonly trail: AuditTrail | undefined;
}

/** The settings as people see and change them. Changes are made one after the other, each judged on its own. */
export class EditSettings {
  readonly #parts: Parts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** All entries, by name. */
  list(): Promise<readonly SettingEntry[]> {
    return this.#parts.settings.all();
  }

  /** Throws `setting_not_found`. */
  async read(name: string): Promise<SettingEntry> {
    const entry = (await this.#parts.settings.all()).find((entry) => entry.name === name);
    if (!entry) throw settingNotFound();
    return entry;
  }

  /** Sets one setting, new or not. Throws `invalid_request`, `storage_unavailable`. */
  async save(input: SettingInput, asker?: Asker): Promise<SavedSetting> {
    return (await this.#save([input], asker))[0] as SavedSetting;
  }

  /**
   * Sets many settings, all or none; known settings are judged as they will be together. Throws
   * `invalid_request`, `storage_unavailable`.
   */
  async saveAll(inputs: readonly SettingInput[], asker?: Asker): Promise<readonly SettingEntry[]> {
    return (await this.#save(inputs, asker)).map(({ entry }) => entry);
  }

  /** Changes a setting that is there already. Throws `setting_not_found`, `invalid_request`, `storage_unavailable`. */
  async update(input: SettingInput, asker?: Asker): Promise<SettingEntry> {
    return ((await this.#save([input], asker, true))[0] as SavedSetting).entry;
  }

  /**
   * Gives a known setting its default back and removes any other. Answers the entry as it is now, or as it was.
   * Throws `setting_not_found`, `invalid_request`, `storage_unavailable`.
   */
  restore(name: string, asker?: Asker): Promise<SettingEntry> {
    return this.#inTurn(async () => {
      const before = await this.#entries();
      const entry = before.get(name);
      if (!entry) throw settingNotFound();
      const known = knownSetting(name);
      const { defaultValue: value, description } = known ?? { defaultValue: "", description: "" };
      const change: SettingChange = known
        ? { name, value, description, at: this.#parts.clock.now() }
        : { name, removed: true };
      return (await this.#apply(before, [change], asker)).get(name) ?? entry;
    });
  }

  #save(
    inputs: readonly SettingInput[],
    asker: Asker | undefined,
    mustExist = false,
  ): Promise<readonly SavedSetting[]> {
    return this.#inTurn(async () => {
      const before = await this.#entries();
      const at = this.#parts.clock.now();
      const changes = inputs.map((input) => toChange(input, before, at, mustExist));
      for (const { name, value, description } of changes) {
        this.#parts.keyring.refuseSecrets({ name, value, description });
      }
      const after = await this.#apply(before, changes, asker);
      return changes.map(({ name }) => ({
        entry: after.get(name) as SettingEntry,
        created: !before.has(name),
      }));
    });
  }

  async #apply(
    before: ReadonlyMap<string, SettingEntry>,
    changes: readonly SettingChange[],
    asker: Asker | undefined,
  ) {
    const { clock, settings, inForce, onChange, trail } = this.#parts;
    const after = new Map(before);
    for (const change of changes) {
      if ("removed" in change) after.delete(change.name);
      else {
        const { name, value, description, at } = change;
        const createdAt = before.get(name)?.createdAt ?? at;
        after.set(name, { name, value, description, createdAt, updatedAt: at });
      }
    }
    const parsed = parseSettings(new Map(Array.from(after.values(), ({ name, value }) => [name, value])));
    const note = changes
      .map((change) => describeChange(change, before))
      .join("; ")
      .slice(0, 500)
      .toWellFormed();
    const names = changes.map(({ name }) => name);
    const valuesIn = (entries: ReadonlyMap<string, SettingEntry>) =>
      Object.fromEntries(names.map((name) => [name, entries.get(name)?.value ?? null]));
    await audited(
      trail,
      asker,
      { act: "update_settings", subject: "settings", before: valuesIn(before), after: valuesIn(after) },
      () => settings.apply(changes, settingsLogDraft({ at: clock.now(), note, asker })),
    );
    onChange(changes, asker);
    inForce.replace(parsed);
    return after;
  }

  async #entries(): Promise<ReadonlyMap<string, SettingEntry>> {
    return new Map((await this.#parts.settings.all()).map((entry) => [entry.name, entry]));
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

function describeChange(change: SettingChange, before: ReadonlyMap<string, SettingEntry>): string {
  const old = before.get(change.name)?.value;
  const next = "removed" in change ? "removed" : change.value;
  return old === undefined ? `${change.name}: ${next}` : `${change.name}: ${old} -> ${next}`;
}
