import {
  type Clock,
  type Keeping,
  type Lease,
  type LeaseId,
  type LeaseList,
  type LeaseStore,
  placeName,
  type WholePool,
} from "../../domain/index.ts";
import { type Copies, memberOf } from "./copies.ts";
import { type GivenLease, type GivenLeases, isOf, type PoolList } from "./given-leases.ts";

interface Parts {
  readonly clock: Clock;
  readonly copies: Copies;
  readonly store: LeaseStore;
  readonly given: GivenLeases;
}

interface SeenPool {
  readonly pool: WholePool;
  readonly list: LeaseList | undefined;
  readonly isKept: boolean;
}

/**
 * A look asks for so many leases at least and for so large a part of all: each is asked for about every ten seconds, which
 * costs next to nothing beside giving it.
 */
const LOOK = { least: 1_000, part: 0.1 } as const;

/**
 * Sees to it that the store's lists have what this process has given and nobody has ended. A list that has had a lease
 * and has it no longer is proof that it has ended, at whatever instance; only what a list has never had is brought back.
 */
export class RestoringLeases {
  readonly #parts: Parts;
  readonly #running = new Map<string, Promise<void>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Brings back what the pool's list lacks. Concurrent calls for one pool share one run. */
  restore({ service, region }: WholePool): Promise<void> {
    const pool = { service, region };
    const name = placeName(pool);
    let running = this.#running.get(name);
    if (!running) {
      running = this.#restoreAll(pool).finally(() => this.#running.delete(name));
      this.#running.set(name, running);
    }
    return running;
  }

  /** Makes good what lists have lost that nobody has asked since, and forgets what has ended elsewhere. */
  async lookAfter(): Promise<void> {
    const { clock, given } = this.#parts;
    given.forgetOver(clock.now());
    const looked = Map.groupBy(this.#next(), ({ in: { pool } }) => placeName(pool));
    for (const [name, { pool, list, isKept }] of this.#pools()) {
      const asked =
        list === undefined ? [] : (looked.get(name) ?? []).filter((each) => isOf(each.in, pool, list));
      const isSame = isKept && list !== undefined && (await this.#ask(asked, { pool, list }));
      if (!isSame) await this.restore(pool);
    }
  }

  #next(): readonly GivenLease[] {
    const { given } = this.#parts;
    return given.next(Math.max(LOOK.least, Math.ceil(given.size * LOOK.part)));
  }

  /** The pools that have to do with what was given here, the lists seen of them, and whether all of it is in these. */
  #pools(): ReadonlyMap<string, SeenPool> {
    const { copies, given } = this.#parts;
    const pools = new Map<string, { pool: WholePool; list: LeaseList | undefined; isKept: boolean }>();
    const seen = (pool: WholePool) => {
      const name = placeName(pool);
      const found = pools.get(name) ?? { pool, list: given.listOf(pool), isKept: true };
      pools.set(name, found);
      return found;
    };
    let last: ReturnType<typeof seen> | undefined;
    for (const { lease, in: kept } of given.running()) {
      const place = copies.known.get(lease.keyId);
      if (!place) continue;
      // Most are of the pool of the one before, and there are many.
      if (last?.pool.region !== place.region || last.pool.service !== place.service) last = seen(place);
      if (!isOf(kept, place, last.list)) last.isKept = false;
    }
    for (const { before } of given.leftOver()) for (const { pool } of before) seen(pool);
    return pools;
  }

  /**
   * Asks a list that has had these leases which have ended, and forgets them. False for another list, of which nothing is
   * known.
   */
  async #ask(
    asked: readonly GivenLease[],
    inList: PoolList,
    until?: (lease: Lease) => number,
  ): Promise<boolean> {
    const answer = await this.#keep(asked, inList, until);
    if (answer.status === "other-list") return false;
    for (const id of answer.ended) this.#parts.given.ended(id, inList.pool, inList.list);
    return true;
  }

  #keep(
    asked: readonly GivenLease[],
    { pool, list }: PoolList,
    until: (lease: Lease) => number = () => 0,
  ): Promise<Keeping> {
    const leases = asked.map(({ lease }) => ({ ...lease, until: until(lease) }));
    return this.#parts.store.keep(pool, leases, list);
  }

  async #restoreAll(pool: WholePool): Promise<void> {
    const { store, given } = this.#parts;
    let list = await this.#listOf(pool);
    for (;;) {
      const strays = this.#strays(pool, list);
      if (strays.length === 0) break;
      const gone = await this.#goneFrom(strays, pool);
      const now = list;
      const isKnown = ({ lease, before }: GivenLease) =>
        gone.has(lease.id) || before.some((each) => isOf(each, pool, now));
      const { known = [], missing = [] } = Object.groupBy(strays, (each) =>
        isKnown(each) ? "known" : "missing",
      );
      if (known.length > 0) {
        if (!(await this.#ask(known, { pool, list }, ({ until }) => until))) {
          list = await this.#listOf(pool);
          continue;
        }
        for (const { lease } of known) given.restored(lease.id, pool, list);
      }
      if (missing.length === 0) continue;
      list = await store.restore(
        pool,
        missing.map(({ lease }) => lease),
      );
      for (const { lease } of missing) given.restored(lease.id, pool, list);
    }
    await this.#clear({ pool, list });
    given.see(pool, list);
  }

  /** The pool's list, which is made where there is none. */
  async #listOf(pool: WholePool): Promise<LeaseList> {
    const { store } = this.#parts;
    return (await store.listOf(pool)) ?? (await store.restore(pool, []));
  }

  /** What was given of keys that are in this pool now, and is not in its list as far as is known. */
  #strays(pool: WholePool, list: LeaseList): readonly GivenLease[] {
    const { copies, given } = this.#parts;
    return [...given.running()].filter(({ lease, in: kept }) => {
      const key = copies.known.get(lease.keyId);
      return key?.service === pool.service && key.region === pool.region && !isOf(kept, pool, list);
    });
  }

  /**
   * Those whose key has moved here and which the pool that it came from has no longer: they have ended, or are here. Who
   * moves a key lets its leases count here before it takes them away there.
   */
  async #goneFrom(strays: readonly GivenLease[], to: WholePool): Promise<ReadonlySet<LeaseId>> {
    const gone = new Set<LeaseId>();
    const others = strays.filter(({ in: { pool } }) => pool.region !== to.region);
    for (const [inList, leases] of Map.groupBy(others, (each) => each.in)) {
      const answer = await this.#keep(leases, inList);
      if (answer.status === "kept") for (const id of [...answer.ended, ...answer.carriedOff]) gone.add(id);
    }
    return gone;
  }

  /** Ends in the list what ended while another one was in use. */
  async #clear({ pool, list }: PoolList): Promise<void> {
    const { store, copies, given } = this.#parts;
    for (const { lease, before } of [...given.leftOver()]) {
      if (!before.some((each) => isOf(each, pool, list))) continue;
      const key = copies.known.get(lease.keyId);
      const answer = key && (await store.release({ ...memberOf(key), region: pool.region }, lease.id, list));
      if (answer?.status !== "other-list") given.cleared(lease.id, pool, list);
    }
  }
}
