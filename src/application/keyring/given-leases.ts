import type { Lease, LeaseId, LeaseList, Service, WholePool } from "../../domain/index.ts";

/** A list of leases, and whose it is. */
export interface PoolList {
  readonly pool: WholePool;
  readonly list: LeaseList;
}

/** A lease that this process has given or renewed, and where that is known. */
export interface GivenLease {
  readonly lease: Lease;
  /** The list that it is in, as far as this process has seen to it. */
  readonly in: PoolList;
  /** Other lists that it has been in; they may come back and have it still. */
  readonly before: readonly PoolList[];
}

const NONE: readonly PoolList[] = [];

/**
 * What this process has given, so that a list that was lost can be made good. It is the only one to know: what an
 * instance that has died had given is lost with the list, until its time is over.
 */
export class GivenLeases {
  readonly #running = new Map<LeaseId, GivenLease>();
  /** Those that have ended, and lists that may have them as running. */
  readonly #leftOver = new Map<LeaseId, GivenLease>();
  /** One object for each list that is in use, for all of its leases. */
  readonly #lists: Readonly<Record<Service, Map<string, PoolList>>> = {
    speech: new Map(),
    translation: new Map(),
  };
  /** Those that `next` has yet to come to, the last first. */
  #round: LeaseId[] = [];

  /** The list of the pool in which all that was given here is; undefined before the first. */
  listOf({ service, region }: WholePool): LeaseList | undefined {
    return this.#lists[service].get(region)?.list;
  }

  see(pool: WholePool, list: LeaseList): void {
    this.#lists[pool.service].set(pool.region, this.#poolList(pool, list));
  }

  give(lease: Lease, pool: WholePool, list: LeaseList): void {
    this.#running.set(lease.id, { lease, in: this.#poolList(pool, list), before: NONE });
  }

  renew(lease: Lease, pool: WholePool, list: LeaseList): void {
    const given = this.#running.get(lease.id);
    if (given) this.#running.set(lease.id, { ...moved(given, this.#poolList(pool, list)), lease });
    else this.give(lease, pool, list);
  }

  restored(id: LeaseId, pool: WholePool, list: LeaseList): void {
    const given = this.#running.get(id);
    if (given) this.#running.set(id, moved(given, this.#poolList(pool, list)));
  }

  /** It was returned or has run out, in this list of the pool. */
  ended(id: LeaseId, pool: WholePool, list: LeaseList | undefined): void {
    const given = this.#running.get(id);
    if (!given) return;
    this.#running.delete(id);
    if (given.before.length === 0 && isOf(given.in, pool, list)) return;
    const before = [given.in, ...given.before].filter((each) => !isOf(each, pool, list));
    if (before.length > 0) this.#leftOver.set(id, { ...given, before });
  }

  running(): IterableIterator<GivenLease> {
    return this.#running.values();
  }

  /** The next so many of those that run, in rounds; a round ends where there are fewer. */
  next(count: number): readonly GivenLease[] {
    if (this.#round.length === 0) this.#round = [...this.#running.keys()].reverse();
    const next: GivenLease[] = [];
    while (next.length < count) {
      const id = this.#round.pop();
      if (id === undefined) break;
      const given = this.#running.get(id);
      if (given) next.push(given);
    }
    return next;
  }

  /** How many run. */
  get size(): number {
    return this.#running.size;
  }

  /** Those that have ended, and that lists of `before` may have as running. */
  leftOver(): IterableIterator<GivenLease> {
    return this.#leftOver.values();
  }

  /** The list has it no longer. */
  cleared(id: LeaseId, pool: WholePool, list: LeaseList): void {
    const over = this.#leftOver.get(id);
    if (!over) return;
    const before = over.before.filter((each) => !isOf(each, pool, list));
    if (before.length > 0) this.#leftOver.set(id, { ...over, before });
    else this.#leftOver.delete(id);
  }

  forgetOver(now: number): void {
    for (const each of [this.#running, this.#leftOver]) {
      for (const { lease } of each.values()) if (lease.until <= now) each.delete(lease.id);
    }
  }

  #poolList(pool: WholePool, list: LeaseList): PoolList {
    const { service, region } = pool;
    const seen = this.#lists[service].get(region);
    return seen?.list === list ? seen : { pool: { service, region }, list };
  }
}

/** Whether that is this list of the pool. */
export function isOf(one: PoolList, { service, region }: WholePool, list: LeaseList | undefined): boolean {
  return one.list === list && one.pool.region === region && one.pool.service === service;
}

function moved(given: GivenLease, to: PoolList): GivenLease {
  const { pool, list } = to;
  if (isOf(given.in, pool, list)) return given;
  const before = [given.in, ...given.before].filter((each) => !isOf(each, pool, list));
  return { lease: given.lease, in: to, before };
}
