import {
  type CooldownStore,
  type Key,
  type Pool,
  parseRegion,
  statusAt,
  type Turn,
} from "../domain/index.ts";
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

  /** Throws `invalid_request` for a region that no key has and that cannot be one; an error before `loadKeys`. */
  async execute(pool: Pool): Promise<HandOut> {
    for (;;) {
      const turn = await this.#store.take(pool, this.#settings.value.rotation);
      switch (turn.status) {
        case "taken": {
          const known = this.#roster.get(turn.id) ?? (await this.#lookup.byId(turn.id));
          const isRight = known && belongs(known, pool) && statusAt(known.standing, turn.at) === "enabled";
          const key = isRight ? known : await this.#rightAfterAll(turn, pool, known);
          if (!key) continue;
          this.#counters.countUse(turn.id, turn.at);
          return { status: "handed-out", key, at: turn.at };
        }
        case "all-away":
          return { status: "all-cooling", availableAt: turn.until, at: turn.at };
        case "empty":
          return { status: "no-key" };
        case "unloaded":
          if (!this.#roster.hasPool(pool.service, pool.region)) return this.#fromUnknown(pool);
          await this.#loadPool.execute(pool.service, pool.region);
      }
    }
  }

  /** A region that no key has, or one that was not written in lower case: only here, off the hot path, it is checked. */
  async #fromUnknown(pool: Pool): Promise<HandOut> {
    if (!this.#roster.isLoaded) throw new Error("A pool hands out keys once loadKeys has been run");
    const region = parseRegion(pool.region);
    return region === pool.region ? { status: "no-key" } : this.execute({ ...pool, region });
  }

  /** The store and this process disagree about the key: one of them has missed something and is told. */
  async #rightAfterAll(turn: Taken, pool: Pool, known: Key | undefined): Promise<Key | undefined> {
    // It was moved or tagged anew, here or by another instance; the database knows where it belongs now.
    if (known && !belongs(known, pool)) await this.#lookup.tryToCatchUp(known);
    const key = this.#roster.get(turn.id);
    if (!key || !belongs(key, pool)) {
      await this.#takeAway(turn, pool, key);
      return undefined;
    }
    if (statusAt(key.standing, turn.at) === "enabled") return key;
    const held = await this.#store.read(memberOf(key));
    if (held.status === "held" && held.standing.generation > key.standing.generation) {
      // Another instance has enabled it, and that is durable before it is in the store.
      this.#roster.confirm(key.id, held.standing);
      return statusAt(held.standing, turn.at) === "enabled" ? key : undefined;
    }
    // The store has lost what was answered already.
    await this.#store.put([{ member: memberOf(key), standing: key.standing }]);
    return undefined;
  }

  async #takeAway({ id }: Taken, { service, region, tag }: Pool, key: Key | undefined): Promise<void> {
    const elsewhere = key?.service !== service || key.region !== region;
    // Its standing there may still be needed.
    if (elsewhere) await this.#store.leave({ id, service, region, tag: tag ?? null });
    if (!key || (elsewhere && (await this.#store.read(memberOf(key))).status === "held")) return;
    await this.#store.put([{ member: memberOf(key), standing: key.standing }]);
  }
}

function belongs(key: Key, { service, region, tag }: Pool): boolean {
  return key.service === service && key.region === region && (tag === undefined || key.tag === tag);
}
