import {
  type Clock,
  type Key,
  type KeyId,
  type Lease,
  type LeaseDraft,
  type LeaseList,
  type LeaseStore,
  type Member,
  type OtherList,
  type Placement,
  type Pool,
  parseRegion,
  placeName,
  type RotationStrategy,
  type Service,
  type WholePool,
} from "../../domain/index.ts";
import type { CatchingUp } from "./catching-up.ts";
import { type Copies, memberOf } from "./copies.ts";
import { isStorageFault } from "./durable-writes.ts";
import type { Filling } from "./filling.ts";
import { GivenLeases } from "./given-leases.ts";
import { RestoringLeases } from "./restoring-leases.ts";
import type { NoTurn, OnTaken, TakingTurns } from "./taking-turns.ts";

/** A key for a time; `at` is the instant at which that was true, epoch milliseconds. */
export type KeyLease =
  | { readonly status: "leased"; readonly key: Key; readonly lease: Lease; readonly at: number }
  | NoLease;

/** That no key can be leased now. */
export type NoLease =
  /** Every key that could be handed out is at its limit; the first lease has run out, or a key is back, at `until`. */
  { readonly status: "all-busy"; readonly until: number; readonly at: number } | NoTurn;

/** How many leases of one service and region run, as far as this process knows. */
export interface LeaseCount {
  readonly service: Service;
  readonly region: string;
  readonly count: number;
}

type Named = Pick<Lease, "keyId" | "id">;

interface Parts {
  readonly clock: Clock;
  readonly copies: Copies;
  readonly store: LeaseStore;
  readonly catchingUp: CatchingUp;
  readonly filling: Filling;
  readonly turns: TakingTurns;
}

/**
 * Leases keys, and sees to it that the store's list has what this process has given: it asks with the list that it has
 * seen, and where there is another one it restores its leases before it asks again.
 */
export class Leasing {
  readonly #parts: Parts;
  readonly #given = new GivenLeases();
  readonly #restoring: RestoringLeases;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { clock, copies, store } = parts;
    this.#restoring = new RestoringLeases({ clock, copies, store, given: this.#given });
  }

  /**
   * Leases the next key of the pool that has room. Before the answer, `onTaken` is called with what was taken; where that
   * throws the lease is returned. Throws `invalid_request` for a region that cannot be one.
   */
  async lease(
    pool: Pool,
    rotation: RotationStrategy,
    draft: LeaseDraft,
    onTaken: OnTaken,
  ): Promise<KeyLease> {
    const { store, turns } = this.#parts;
    for (;;) {
      const turn = await store.lease(pool, rotation, draft, this.#given.listOf(pool));
      switch (turn.status) {
        case "taken": {
          const { lease, at } = turn;
          this.#given.give(lease, pool, turn.list);
          if (!this.#isSeen(pool, turn.list)) await this.#restoring.restore(pool);
          try {
            const key = turns.keyAt(pool, lease.keyId, at) ?? (await turns.mend(pool, lease.keyId, at));
            if (key) {
              onTaken(lease.keyId, at, pool);
              return { status: "leased", key, lease, at };
            }
          } catch (error) {
            await this.#giveBack(lease, pool, turn.list);
            throw error;
          }
          await this.#giveBack(lease, pool, turn.list);
          continue;
        }
        case "other-list":
          await this.#restoring.restore(pool);
          continue;
        case "all-busy":
        case "all-away":
          return turn;
        case "unloaded": {
          const written = await this.#filled(pool);
          if (written === pool.region) continue;
          if (written !== undefined)
            return this.lease({ ...pool, region: written }, rotation, draft, onTaken);
        }
      }
      return { status: "no-key", poolSize: this.#poolSize(pool) };
    }
  }

  /** How the region of the pool that was filled is written; undefined when there is nothing to fill. */
  async #filled(pool: Pool): Promise<string | undefined> {
    const { filling, turns } = this.#parts;
    if (this.#poolSize(pool) > 0) {
      await filling.fill(pool);
      return pool.region;
    }
    // No key has this region, or it was not written in lower case.
    turns.checkLoaded();
    const region = parseRegion(pool.region);
    return region === pool.region ? undefined : region;
  }

  #poolSize({ service, region }: Pool): number {
    return this.#parts.copies.known.poolSize(service, region);
  }

  /** Lets a lease last for so long from now on; undefined when it has run out or was returned. */
  async renew(named: Named, ttlMs: number): Promise<Lease | undefined> {
    const { store } = this.#parts;
    const draft = { id: named.id, ttlMs };
    const renewal = await this.#ofKey(named, (member, seen) => store.renew(member, draft, seen));
    if (renewal?.status !== "renewed") return undefined;
    this.#given.renew(renewal.lease, renewal.key, renewal.list);
    if (!this.#isSeen(renewal.key, renewal.list)) await this.#restoring.restore(renewal.key);
    return renewal.lease;
  }

  /** Returns a lease, and answers whose it was and whether that key was at its limit; undefined when it has ended before. */
  async release(named: Named): Promise<{ readonly key: Key; readonly hadNoRoom: boolean } | undefined> {
    const { store } = this.#parts;
    const released = await this.#ofKey(named, (member, seen) => store.release(member, named.id, seen));
    if (released?.status !== "returned") return undefined;
    this.#given.ended(named.id, released.key, this.#given.listOf(released.key));
    return released;
  }

  /** Lets a lease of this pool that was just released run again, for so long from now on. */
  async putBack({ keyId, id }: Named, pool: WholePool, ttlMs: number): Promise<void> {
    const { store, clock } = this.#parts;
    await store.restore(pool, [{ keyId, id, until: clock.now() + ttlMs }]);
  }

  /** Makes good what a list has lost that nobody has asked since. Run it about every second. */
  lookAfter(): Promise<void> {
    return this.#restoring.lookAfter();
  }

  /** How many leases of each of these keys run, whoever gave them, in their order. */
  async count(keys: readonly Key[]): Promise<readonly number[]> {
    const counts = new Map<KeyId, number>();
    const pools = Map.groupBy(keys, placeName).values();
    const count = async (pool: readonly Key[]) => {
      const found = await this.#parts.store.countLeases(pool.map(memberOf));
      for (const [index, { id }] of pool.entries()) counts.set(id, found[index] ?? 0);
    };
    await Promise.all(Array.from(pools, count));
    return keys.map(({ id }) => counts.get(id) ?? 0);
  }

  /** How many leases run that this process has given, by place. */
  countPlaces(): readonly LeaseCount[] {
    const counts = new Map<string, { service: Service; region: string; count: number }>();
    const now = this.#parts.clock.now();
    for (const { lease } of this.#given.running()) {
      const key = this.#parts.copies.known.get(lease.keyId);
      if (!key || lease.until <= now) continue;
      const { service, region } = key;
      const found = counts.get(placeName(key));
      if (found) found.count++;
      else counts.set(placeName(key), { service, region, count: 1 });
    }
    return [...counts.values()];
  }

  /** The answer about the lease's key where it is now; undefined when there is no such key. */
  async #ofKey<A extends { readonly status: string }>(
    { keyId }: Named,
    ask: (member: Member, seen: LeaseList | undefined) => Promise<A | OtherList>,
  ): Promise<(Exclude<A, OtherList> & { readonly key: Key }) | undefined> {
    const { catchingUp, copies } = this.#parts;
    let waitedMs = 0;
    /** The place in which it was found, before it was asked there. */
    let foundIn: Placement | undefined;
    for (;;) {
      const key = await catchingUp.byId(keyId);
      if (!key) return undefined;
      const { placement } = key;
      const answer = await ask(memberOf(key), this.#given.listOf(key));
      if (answer.status === "other-list") await this.#restoring.restore(key);
      else if (answer.status !== "gone" || foundIn === placement)
        return { ...(answer as Exclude<A, OtherList>), key };
      else {
        // Another instance may have moved the key, and its leases with it.
        await catchingUp.tryToCatchUp(key);
        if (copies.known.get(keyId)?.placement !== placement) continue;
        if (await this.#isToBeSeated(key)) waitedMs = await catchingUp.lookAgain(key, waitedMs);
        else foundIn = placement;
      }
    }
  }

  /** Whether somebody who moves the key has yet to seat it where it is now, together with its leases. */
  async #isToBeSeated(key: Key): Promise<boolean> {
    const { store, writes } = this.#parts.copies;
    const { status } = await store.read(memberOf(key));
    return status === "missing" || (status === "unloaded" && writes.isBusy(key.id));
  }

  /** Whether the list is the one that has all that was given here; it is not when it was lost while an answer was on its way. */
  #isSeen(pool: WholePool, list: LeaseList): boolean {
    const seen = this.#given.listOf(pool);
    if (seen === undefined) this.#given.see(pool, list);
    return seen === undefined || seen === list;
  }

  /** A lease that nobody gets is returned where it was taken, or where it has come along to; where that fails, it runs out. */
  async #giveBack(lease: Lease, { service, region }: WholePool, list: LeaseList): Promise<void> {
    const { store } = this.#parts;
    const there = { id: lease.keyId, service, region, tag: null, maxInFlight: null, placement: 0 };
    try {
      const released = await store.release(there, lease.id, list);
      if (released.status === "returned") this.#given.ended(lease.id, there, list);
      else await this.release(lease);
    } catch (error) {
      if (!isStorageFault(error)) throw error;
    }
  }
}
