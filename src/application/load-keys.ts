import {
  type Clock,
  type CooldownStore,
  type FieldProblem,
  type KeyRepository,
  KNOWN_SETTINGS,
  readSettings,
  type Service,
  type SettingRepository,
} from "../domain/index.ts";
import type { CurrentSettings } from "./current-settings.ts";
import { memberOf, type Roster } from "./roster.ts";

export interface Loaded {
  readonly keys: number;
  /** Stored settings that are not acceptable; their defaults are in force. */
  readonly badSettings: readonly FieldProblem[];
}

/** Brings settings and keys from the database into this process and the cooldown store. Run it once, first. */
export class LoadKeys {
  readonly #clock: Clock;
  readonly #repository: KeyRepository;
  readonly #settings: SettingRepository;
  readonly #store: CooldownStore;
  readonly #roster: Roster;
  readonly #current: CurrentSettings;

  constructor(
    clock: Clock,
    repository: KeyRepository,
    settings: SettingRepository,
    store: CooldownStore,
    roster: Roster,
    current: CurrentSettings,
  ) {
    this.#clock = clock;
    this.#repository = repository;
    this.#settings = settings;
    this.#store = store;
    this.#roster = roster;
    this.#current = current;
  }

  async execute(): Promise<Loaded> {
    const badSettings = await this.#loadSettings();
    const pools = new Map<string, readonly [Service, string]>();
    for await (const keys of this.#repository.load()) {
      for (const key of keys) {
        this.#roster.set(key);
        pools.set(`${key.service}:${key.region}`, [key.service, key.region]);
      }
      await this.#store.put(keys.map((key) => ({ member: memberOf(key), standing: key.standing })));
    }
    for (const [service, region] of pools.values()) await this.#store.load(service, region, []);
    return { keys: this.#roster.size, badSettings };
  }

  async #loadSettings(): Promise<readonly FieldProblem[]> {
    const now = this.#clock.now();
    await this.#settings.seed(
      KNOWN_SETTINGS.map(({ name, defaultValue, description }) => ({
        name,
        value: defaultValue,
        description,
        createdAt: now,
        updatedAt: now,
      })),
    );
    const entries = await this.#settings.all();
    const { settings, problems } = readSettings(new Map(entries.map(({ name, value }) => [name, value])));
    this.#current.replace(settings);
    return problems;
  }
}
