import type { KeyId } from "../../domain/index.ts";
import { type Resting, RestingHeap } from "./resting-heap.ts";
import { TurnRing } from "./turn-ring.ts";

/** One queue of keys: those whose turn comes, in order, and those that rest, by deadline. */
export class TurnQueue {
  readonly #waiting = new TurnRing();
  readonly #resting = new RestingHeap();
  #rests: Map<KeyId, Resting> | undefined;

  /** How many keys wait or rest here. */
  get size(): number {
    return this.#waiting.size + (this.#rests?.size ?? 0);
  }

  /** The key whose turn it is; undefined when none waits. */
  get front(): KeyId | undefined {
    return this.#waiting.front;
  }

  /** The deadline of the first key to return; undefined when none rests. */
  get firstDeadline(): number | undefined {
    return this.#resting.first?.deadline;
  }

  /** Lets every key whose deadline has come join the back, by deadline, then by id. */
  wake(now: number): void {
    for (let due = this.#resting.first; due && due.deadline <= now; due = this.#resting.first) {
      this.#resting.remove(due);
      this.#rests?.delete(due.id);
      this.#waiting.push(due.id);
    }
  }

  join(id: KeyId): void {
    this.#waiting.push(id);
  }

  rest(id: KeyId, deadline: number): void {
    const rest = { id, deadline, heapIndex: -1 };
    this.#rests ??= new Map();
    this.#rests.set(id, rest);
    this.#resting.push(rest);
  }

  /** The key must wait or rest here. */
  leave(id: KeyId): void {
    const rest = this.#rests?.get(id);
    if (!rest) {
      this.#waiting.remove(id);
      return;
    }
    this.#rests?.delete(id);
    this.#resting.remove(rest);
  }

  /** Sends the front to the back and tells which it was; undefined when none waits. */
  turn(): KeyId | undefined {
    return this.#waiting.turn();
  }
}
