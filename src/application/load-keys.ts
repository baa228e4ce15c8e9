import {
  type Clock,
  type CooldownStore,
  type FieldProblem,
  type KeyRepository,
  KNOWN_SETTINGS,
  type Service,
  type SettingRepository,
} from "../domain/index.ts";
import type { LoadSettings } from "./load-settings.ts";
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
  readonly #loadSettings: LoadSettings;

  constructor(
    clock: Clock,
    repository: KeyRepository,
    settings: SettingRepository,
    store: CooldownStore,
    roster: Roster,
    loadSettings: LoadSettings,
  ) {
    this.#clock = clock;
    this.#repository = repository;
    this.#settings = settings;
    this.#store = store;
    this.#roster = roster;
    this.#loadSettings = loadSettings;
  }

  async execute(): Promise<Loaded> {
    const badSettings = await this.#seedSettings();
    const pools = new Map<string, readonly [Service, string]>();
    for await (const keys of this.#repository.load()) {
      for (const key of keys) {
        this.#roster.set(key);
        pools.set(`${key.service}:${key.region}`, [key.service, key.region]);
      }
    }
    const repository = this.#repository;
    for (const [service, region] of pools.values()) {
      await this.#store.load({ service, region }, async function* () {
        for await (const keys of repository.loadPool(service, region)) {
          yield keys.map((key) => ({ member: memberOf(key), standing: key.standing }));
        }
      });
    }
    this.#roster.markLoaded();
    return { keys: this.#roster.size, badSettings };
  }

  async #seedSettings(): Promise<readonly FieldProblem[]> {
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
    return this.#loadSettings.execute();
  }
}
