import {
  type Keeping,
  type KeyId,
  type Lease,
  type LeaseDraft,
  type LeaseId,
  leaseName,
  type RotationStrategy,
} from "../../domain/index.ts";
import { RunningLeases } from "./running-leases.ts";
import type { TurnQueue } from "./turn-queue.ts";

/** What leasing needs to know of a key. */
export interface LeasedKey {
  readonly id: KeyId;
  readonly maxInFlight: number | null;
}

/** The leases of one pool: which run, and which key is leased next. */
export class PoolLeases {
  readonly #running = new RunningLeases();
  /** Until when those would have lasted that were carried off to another pool. */
  readonly #carriedOff = new Map<string, number>();
  readonly #keyOf: (id: KeyId) => LeasedKey | undefined;
  readonly #queuesOf: (id: KeyId) => readonly TurnQueue[];

  /** `keyOf` answers a key of this pool, `queuesOf` where it waits. */
  constructor(keyOf: (id: KeyId) => LeasedKey | undefined, queuesOf: (id: KeyId) => readonly TurnQueue[]) {
    this.#keyOf = keyOf;
    this.#queuesOf = queuesOf;
  }

  /** When the first lease runs out; undefined when none runs. */
  get firstEnd(): number | undefined {
    return this.#running.firstEnd;
  }

  /** Undefined when no key of the queue has room. */
  lease(queue: TurnQueue, rotation: RotationStrategy, draft: LeaseDraft, at: number): Lease | undefined {
    this.runOut(at);
    const turns = queue.forLeases();
    for (let keyId = turns.front; keyId !== undefined; keyId = turns.front) {
      const room = this.#roomOf(keyId);
      // It has reached its limit by leases of another queue, or its limit has been changed since.
      if (room <= 0) {
        turns.standAside(keyId);
        continue;
      }
      const lease = { id: draft.id, keyId, until: at + draft.ttlMs };
      this.#running.add(lease);
      if (rotation === "round_robin") turns.turn(keyId);
      if (room === 1) this.#limit(keyId, true);
      return lease;
    }
    return undefined;
  }

  /** Undefined when it does not run. */
  renew(keyId: KeyId, { id, ttlMs }: LeaseDraft, at: number): Lease | undefined {
    this.runOut(at);
    const lease = { id, keyId, until: at + ttlMs };
    if (!this.#running.has(lease)) return undefined;
    this.#running.set(lease);
    return lease;
  }

  /** Undefined when it does not run; otherwise whether the key was at its limit. */
  release(keyId: KeyId, id: LeaseId, at: number): boolean | undefined {
    this.runOut(at);
    const hadNoRoom = this.#roomOf(keyId) <= 0;
    if (!this.#running.remove({ keyId, id })) return undefined;
    if (hadNoRoom) this.giveRoom(keyId);
    return hadNoRoom;
  }

  restore(leases: readonly Lease[], at: number): void {
    for (const lease of leases) {
      if (lease.until <= at) continue;
      this.#running.restore(lease);
      this.#carriedOff.delete(leaseName(lease));
    }
  }

  /** Whether it ran here, now or when it was carried off before. */
  carryOff(keyId: KeyId, id: LeaseId, at: number): boolean {
    for (const [lease, until] of this.#carriedOff) if (until <= at) this.#carriedOff.delete(lease);
    const until = this.#running.endOf({ keyId, id });
    if (this.release(keyId, id, at) === undefined) return this.ran(keyId, id, at);
    this.#carriedOff.set(leaseName({ keyId, id }), until ?? at);
    return true;
  }

  /** Whether it runs here, or was carried off from here. */
  ran(keyId: KeyId, id: LeaseId, at: number): boolean {
    this.runOut(at);
    return this.#running.has({ keyId, id }) || (this.#carriedOff.get(leaseName({ keyId, id })) ?? at) > at;
  }

  /** Those that run last as long as these at least. */
  keep(leases: readonly Lease[], at: number): Keeping {
    this.runOut(at);
    const [ended, carriedOff]: [LeaseId[], LeaseId[]] = [[], []];
    for (const lease of leases) {
      if (this.#running.has(lease)) this.#running.restore(lease);
      else if (this.ran(lease.keyId, lease.id, at)) carriedOff.push(lease.id);
      else ended.push(lease.id);
    }
    return { status: "kept", ended, carriedOff };
  }

  of(keyId: KeyId, at: number): readonly Lease[] {
    this.runOut(at);
    return [...this.#running.of(keyId)];
  }

  count(keyId: KeyId, at: number): number {
    this.runOut(at);
    return this.#running.count(keyId);
  }

  /** The key may have room; if it has none, it stands aside again when its turn comes. */
  giveRoom(keyId: KeyId): void {
    this.#limit(keyId, false);
  }

  runOut(now: number): void {
    const running = this.#running;
    for (let end = running.firstEnd; end !== undefined && end <= now; end = running.firstEnd) {
      const keyId = running.firstKey as KeyId;
      // Nobody stands aside who has room.
      const hadNoRoom = this.#roomOf(keyId) <= 0;
      running.removeFirst();
      if (hadNoRoom) this.giveRoom(keyId);
    }
  }

  /** How many more leases the key may have. */
  #roomOf(keyId: KeyId): number {
    const limit = this.#keyOf(keyId)?.maxInFlight ?? null;
    return limit === null ? Infinity : limit - this.#running.count(keyId);
  }

  #limit(keyId: KeyId, isAtLimit: boolean): void {
    for (const queue of this.#queuesOf(keyId)) queue.limit(keyId, isAtLimit);
  }
}
