import {
  type AwayReason,
  compareStandings,
  DomainError,
  type Key,
  type KeyId,
  type Pool,
  parseRegion,
  type RotationStrategy,
  statusAt,
} from "../../domain/index.ts";
import type { CatchingUp } from "./catching-up.ts";
import { type Copies, memberOf, put, seatOf } from "./copies.ts";
import type { Filling } from "./filling.ts";
import type { StandingChanges } from "./standing-changes.ts";

/** Whose turn it is; `at` is the instant at which that was true, epoch milliseconds. */
export type KeyTurn =
  | { readonly status: "handed-out"; readonly key: Key; readonly at: number }
  /** Every key that is not disabled is away; the first is back at `until`. */
  | { readonly status: "all-away"; readonly until: number; readonly reason: AwayReason; readonly at: number }
  /** `poolSize` keys are in this service and region, all of them disabled or without the tag. */
  | { readonly status: "no-key"; readonly poolSize: number };

/** That no key can be handed out now. */
export type NoTurn = Exclude<KeyTurn, { status: "handed-out" }>;

/** Called with a key that was taken out of this pool; throws where it is not to be handed out. */
export type OnTaken = (id: KeyId, at: number, pool: Pool) => void;

/** Called with the pool that has no key to give. */
export type OnNone = (pool: Pool, turn: NoTurn) => void;

interface Parts {
  readonly copies: Copies;
  readonly catchingUp: CatchingUp;
  readonly filling: Filling;
  readonly standings: StandingChanges;
}

/** Asks the cooldown store whose turn it is, and checks its answer against what is known to be durable. */
export class TakingTurns {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** See `Keyring.take`. */
  async take(pool: Pool, rotation: RotationStrategy, onTaken: OnTaken, onNone?: OnNone): Promise<KeyTurn> {
    const { known, store } = this.#parts.copies;
    let faults = 0;
    for (;;) {
      const turn = await store.take(pool, rotation);
      switch (turn.status) {
        case "taken": {
          const right =
            rightKey(known.get(turn.id), pool, turn.at) ??
            (await this.mend(pool, turn.id, turn.at).catch((fault: unknown) => {
              // The next key may be one that needs no database; to try them all could take long.
              if (!isAway(fault) || ++faults > 1) throw fault;
              return undefined;
            }));
          if (!right) continue;
          onTaken(turn.id, turn.at, pool);
          return { status: "handed-out", key: right, at: turn.at };
        }
        case "all-away":
          onNone?.(pool, turn);
          return turn;
        case "empty":
          return none(pool, known.poolSize(pool.service, pool.region), onNone);
        case "unloaded":
          if (known.poolSize(pool.service, pool.region) > 0) await this.#parts.filling.fill(pool);
          else return this.#takeUnknown(pool, rotation, onTaken, onNone);
      }
    }
  }

  /** The key that the store has chosen, where it is known to be right; otherwise it has to be mended. */
  keyAt(pool: Pool, id: KeyId, at: number): Key | undefined {
    return rightKey(this.#parts.copies.known.get(id), pool, at);
  }

  /** Throws before the start, when it is not known which pools there are. */
  checkLoaded(): void {
    if (!this.#parts.copies.known.isLoaded) throw new Error("A pool hands out keys once it has been started");
  }

  /** No key has this region, or it was not written in lower case: only here, off the hot path, it is checked. */
  async #takeUnknown(
    pool: Pool,
    rotation: RotationStrategy,
    onTaken: OnTaken,
    onNone: OnNone | undefined,
  ): Promise<KeyTurn> {
    this.checkLoaded();
    const region = parseRegion(pool.region);
    if (region === pool.region) return none(pool, 0, onNone);
    return this.take({ ...pool, region }, rotation, onTaken, onNone);
  }

  /**
   * The store and this process disagree about the key: whichever is behind is brought up to date. Answers the
   * key if it may be handed out after all. Otherwise the store has changed, and the next turn is another.
   */
  async mend(pool: Pool, id: KeyId, at: number): Promise<Key | undefined> {
    const { copies, catchingUp, standings } = this.#parts;
    const found = await catchingUp.byId(id);
    // It was moved or tagged anew, here or by another instance; the database knows where it belongs now.
    if (found && !belongs(found, pool)) await catchingUp.tryToCatchUp(found);
    const key = copies.known.get(id);
    if (!key || !belongs(key, pool)) {
      await this.#takeAway(id, pool, key);
      return undefined;
    }
    if (statusAt(key.standing, at) === "enabled") return key;
    const held = await copies.store.read(memberOf(key));
    if (held.status === "held" && held.standing.generation > key.standing.generation) {
      // Another instance may have enabled it, which is durable before it is in the store.
      if (!(await catchingUp.confirmGeneration(key, held.standing))) return undefined;
      const confirmed = copies.known.get(id);
      if (confirmed && statusAt(confirmed.standing, at) === "enabled") return confirmed;
    }
    const durable = copies.known.get(id)?.standing ?? key.standing;
    if (held.status === "held" && compareStandings(held.standing, durable) >= 0) {
      // The store knows it and offers the key all the same, as after its clock was set back: swapping the
      // standing for itself lines the key up anew.
      await copies.store.replace(memberOf(key), held.standing, held.standing);
    } else {
      await standings.raise(id, durable);
    }
    return undefined;
  }

  async #takeAway(id: KeyId, { service, region, tag }: Pool, key: Key | undefined): Promise<void> {
    const { store } = this.#parts.copies;
    const elsewhere = key?.service !== service || key.region !== region;
    // Only out of its queues: its standing there may still be needed.
    if (elsewhere) {
      const place = { tag: tag ?? null, maxInFlight: null, placement: key?.placement ?? 0 };
      await store.leave({ id, service, region, ...place });
    }
    // As long as a newer place is remembered there, putting the key does not change its tag.
    else if (tag !== undefined && key) await store.leave(memberOf(key), "tag");
    if (!key || (elsewhere && (await store.read(memberOf(key))).status === "held")) return;
    await put(this.#parts.copies, [seatOf(key)]);
  }
}

function none(pool: Pool, poolSize: number, onNone: OnNone | undefined): KeyTurn {
  const turn = { status: "no-key", poolSize } as const;
  onNone?.(pool, turn);
  return turn;
}

function isAway(fault: unknown): boolean {
  return fault instanceof DomainError && fault.code === "storage_unavailable";
}

function rightKey(key: Key | undefined, pool: Pool, at: number): Key | undefined {
  return key && belongs(key, pool) && statusAt(key.standing, at) === "enabled" ? key : undefined;
}

function belongs(key: Key, { service, region, tag }: Pool): boolean {
  return key.service === service && key.region === region && (tag === undefined || key.tag === tag);
}
