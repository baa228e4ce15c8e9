import { type CooldownStore, DomainError, type Key, type Pool, type Turn } from "../domain/index.ts";
import type { CurrentSettings } from "./current-settings.ts";
import type { KeyLookup } from "./key-lookup.ts";
import type { LoadPool } from "./load-pool.ts";
import { memberOf, type Roster } from "./roster.ts";
import type { UsageCounters } from "./usage-counters.ts";

export type HandOut =
  | { readonly status: "handed-out"; readonly key: Key; readonly at: number }
  | { readonly status: "all-cooling"; readonly availableAt: number; readonly at: number }
  | { readonly status: "no-key" };

type Taken = Extract<Turn, { status: "taken" }>;

/** Answers "which key now?" and counts the use. The only answer that carries a secret. */
export class HandOutKey {
  readonly #store: CooldownStore;
  readonly #roster: Roster;
  readonly #lookup: KeyLookup;
  readonly #loadPool: LoadPool;
  readonly #settings: CurrentSettings;
  readonly #counters: UsageCounters;

  constructor(
    store: CooldownStore,
    roster: Roster,
    lookup: KeyLookup,
    loadPool: LoadPool,
    settings: CurrentSettings,
    counters: UsageCounters,
  ) {
    this.#store = store;
    this.#roster = roster;
    this.#lookup = lookup;
    this.#loadPool = loadPool;
    this.#settings = settings;
    this.#counters = counters;
  }

  async execute(pool: Pool): Promise<HandOut> {
    for (;;) {
      const turn = await this.#store.take(pool, this.#settings.value.rotation);
      switch (turn.status) {
        case "taken": {
          let key = this.#roster.get(turn.id) ?? (await this.#lookup.byId(turn.id));
          if (key && !belongs(key, pool)) key = await this.#asOfNow(key);
          if (!key || !belongs(key, pool)) {
            await this.#reseat(turn, pool, key);
            continue;
          }
          this.#counters.countUse(key.id, turn.at);
          return { status: "handed-out", key, at: turn.at };
        }
        case "all-cooling":
          return turn;
        case "empty":
          return { status: "no-key" };
        case "unloaded":
          if (!this.#roster.hasPool(pool.service, pool.region)) return { status: "no-key" };
          await this.#loadPool.execute(pool.service, pool.region);
      }
    }
  }

  /** Another instance may have moved or tagged the key, and the news not have come yet. */
  async #asOfNow(key: Key): Promise<Key | undefined> {
    try {
      await this.#lookup.catchUp(key);
    } catch (error) {
      // Hand-outs go on without the database, by what is known here.
      if (!(error instanceof DomainError)) throw error;
    }
    return this.#roster.get(key.id);
  }

  /** The key was deleted, moved or tagged anew and the store has not been told, or the turn was taken before. */
  async #reseat({ id }: Taken, { service, region, tag }: Pool, key: Key | undefined): Promise<void> {
    const elsewhere = key?.service !== service || key.region !== region;
    // Its standing there may still be needed.
    if (elsewhere) await this.#store.leave({ id, service, region, tag: tag ?? null });
    if (!key || (elsewhere && (await this.#store.read(memberOf(key))))) return;
    await this.#store.put([{ member: memberOf(key), standing: key.standing }]);
  }
}

function belongs(key: Key, { service, region, tag }: Pool): boolean {
  return key.service === service && key.region === region && (tag === undefined || key.tag === tag);
}
