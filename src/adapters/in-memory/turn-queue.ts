import type { Away, KeyId } from "../../domain/index.ts";
import { LeaseTurns } from "./lease-turns.ts";
import { type HeapItem, OrderedHeap } from "./ordered-heap.ts";
import { TurnRing } from "./turn-ring.ts";

interface AwayKey extends Away, HeapItem {
  readonly id: KeyId;
}

/** One queue of keys: those whose turn comes, in order, and those that are away. */
export class TurnQueue {
  readonly #waiting = new TurnRing();
  readonly #heap = new OrderedHeap<AwayKey>(isBackBefore);
  #away: Map<KeyId, AwayKey> | undefined;
  /** Made when a lease is first asked for: most pools are not asked. */
  #leases: LeaseTurns | undefined;

  /** How many keys wait or are away here. */
  get size(): number {
    return this.#waiting.size + (this.#away?.size ?? 0);
  }

  /** The key whose turn it is; undefined when none waits. */
  get front(): KeyId | undefined {
    return this.#waiting.front;
  }

  /** Until when, and why, the first key to come back is away; undefined when none is. */
  get firstAway(): Away | undefined {
    return this.#heap.first;
  }

  /** Every key that is back by now joins the back, by the instant it came back, then by id. */
  wake(now: number): void {
    for (let due = this.#heap.first; due && due.until <= now; due = this.#heap.first) {
      this.#heap.remove(due);
      this.#away?.delete(due.id);
      this.join(due.id);
    }
  }

  join(id: KeyId): void {
    this.#waiting.push(id);
    this.#leases?.join(id);
  }

  sendAway(id: KeyId, { until, reason }: Away): void {
    const key = { id, until, reason, heapIndex: -1 };
    this.#away ??= new Map();
    this.#away.set(id, key);
    this.#heap.push(key);
  }

  /** The key must wait or be away here. */
  leave(id: KeyId): void {
    const away = this.#away?.get(id);
    if (!away) {
      this.#waiting.remove(id);
      this.#leases?.leave(id);
      return;
    }
    this.#away?.delete(id);
    this.#heap.remove(away);
  }

  /** Sends the front to the back and answers which it was; undefined when none waits. */
  rotate(): KeyId | undefined {
    return this.#waiting.rotate();
  }

  /** The same keys in the order of their leases, which turns for itself. */
  forLeases(): LeaseTurns {
    this.#leases ??= new LeaseTurns(this.#waiting.ids());
    return this.#leases;
  }

  /** The key is at its limit, or no longer. */
  limit(id: KeyId, isAtLimit: boolean): void {
    if (isAtLimit) this.#leases?.standAside(id);
    else this.#leases?.giveRoom(id);
  }
}

function isBackBefore(one: AwayKey, other: AwayKey): boolean {
  return one.until < other.until || (one.until === other.until && one.id < other.id);
}
