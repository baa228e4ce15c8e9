import type { KeyId, Lease, LeaseId } from "../../domain/index.ts";
import { type HeapItem, OrderedHeap } from "./ordered-heap.ts";

interface Running extends Lease, HeapItem {
  until: number;
}

const NONE: ReadonlyMap<LeaseId, Running> = new Map();

/** The leases of a pool that run, by key and by the instant at which they run out. */
export class RunningLeases {
  readonly #byKey = new Map<KeyId, Map<LeaseId, Running>>();
  readonly #byEnd = new OrderedHeap<Running>((one, other) => one.until < other.until);

  /** When the first of them runs out; undefined when there is none. */
  get firstEnd(): number | undefined {
    return this.#byEnd.first?.until;
  }

  count(keyId: KeyId): number {
    return this.#byKey.get(keyId)?.size ?? 0;
  }

  has({ keyId, id }: Pick<Lease, "keyId" | "id">): boolean {
    return this.#byKey.get(keyId)?.has(id) === true;
  }

  endOf({ keyId, id }: Pick<Lease, "keyId" | "id">): number | undefined {
    return this.#byKey.get(keyId)?.get(id)?.until;
  }

  *of(keyId: KeyId): Generator<Lease> {
    for (const { id, until } of (this.#byKey.get(keyId) ?? NONE).values()) yield { id, keyId, until };
  }

  /** Lets a lease that is there last until the given instant, and adds one that is not. */
  set(lease: Lease): void {
    this.remove(lease);
    this.add(lease);
  }

  /** Adds a lease that is not there. */
  add({ id, keyId, until }: Lease): void {
    let ofKey = this.#byKey.get(keyId);
    if (!ofKey) {
      ofKey = new Map();
      this.#byKey.set(keyId, ofKey);
    }
    const running = { id, keyId, until, heapIndex: -1 };
    ofKey.set(id, running);
    this.#byEnd.push(running);
  }

  /** The same, unless it lasts longer already. */
  restore(lease: Lease): void {
    const running = this.#byKey.get(lease.keyId)?.get(lease.id);
    if (!running || running.until < lease.until) this.set(lease);
  }

  /** Whether it was there. */
  remove({ keyId, id }: Pick<Lease, "keyId" | "id">): boolean {
    const ofKey = this.#byKey.get(keyId);
    const running = ofKey?.get(id);
    if (!ofKey || !running) return false;
    this.#byEnd.remove(running);
    ofKey.delete(id);
    if (ofKey.size === 0) this.#byKey.delete(keyId);
    return true;
  }

  /** Removes those that have run out and tells whose they were. */
  *runOut(now: number): Generator<KeyId> {
    for (let first = this.#byEnd.first; first && first.until <= now; first = this.#byEnd.first) {
      this.remove(first);
      yield first.keyId;
    }
  }
}
