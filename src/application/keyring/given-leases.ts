import { type Lease, type LeaseId, type LeaseList, placeName, type WholePool } from "../../domain/index.ts";

/** A lease that this process has given or renewed, and where that is known. */
export interface GivenLease {
  readonly lease: Lease;
  /** The list that it was first in. */
  readonly givenIn: LeaseList;
  /** The list that it is in, as far as this process has seen to it. */
  readonly keptIn: LeaseList;
}

/**
 * What this process has given, so that a list that was lost can be made good. It is the only one to know: what an
 * instance that has died had given is lost with the list, until its time is over.
 */
export class GivenLeases {
  readonly #running = new Map<LeaseId, GivenLease>();
  /** Released while another list was in use than the one that they were given in, which may come back. */
  readonly #toRelease = new Map<LeaseId, Lease>();
  readonly #lists = new Map<string, LeaseList>();

  /** The list of the pool in which all that was given here is; undefined before the first. */
  listOf(pool: WholePool): LeaseList | undefined {
    return this.#lists.get(placeName(pool));
  }

  see(pool: WholePool, list: LeaseList): void {
    this.#lists.set(placeName(pool), list);
  }

  give(lease: Lease, list: LeaseList): void {
    this.#running.set(lease.id, { lease, givenIn: list, keptIn: list });
  }

  renew(lease: Lease, list: LeaseList): void {
    const givenIn = this.#running.get(lease.id)?.givenIn ?? list;
    this.#running.set(lease.id, { lease, givenIn, keptIn: list });
  }

  restored(id: LeaseId, list: LeaseList): void {
    const given = this.#running.get(id);
    if (given) this.#running.set(id, { ...given, keptIn: list });
  }

  /** It was released, while `list` was in use. */
  released(id: LeaseId, list: LeaseList | undefined): void {
    const given = this.#running.get(id);
    if (!given) return;
    this.#running.delete(id);
    if (given.givenIn !== list) this.#toRelease.set(id, given.lease);
  }

  running(): IterableIterator<GivenLease> {
    return this.#running.values();
  }

  /** Those that another list may still have as running. */
  toRelease(): IterableIterator<Lease> {
    return this.#toRelease.values();
  }

  forgetOver(now: number): void {
    for (const [id, { lease }] of this.#running) if (lease.until <= now) this.#running.delete(id);
    for (const [id, { until }] of this.#toRelease) if (until <= now) this.#toRelease.delete(id);
  }
}
