import type { KeyId } from "../../domain/index.ts";
import { type HeapItem, OrderedHeap } from "./ordered-heap.ts";

interface Waiting extends HeapItem {
  readonly id: KeyId;
  turn: number;
}

/**
 * The keys of a queue in the order in which they are leased. One at its limit stands aside with its turn, so that no
 * lease has to step over it.
 */
export class LeaseTurns {
  readonly #byId = new Map<KeyId, Waiting>();
  readonly #withRoom = new OrderedHeap<Waiting>((one, other) => one.turn < other.turn);
  #atLimit = 0;
  #lastTurn = 0;

  /** `waiting` are the keys that may be handed out, in their order. */
  constructor(waiting: Iterable<KeyId>) {
    for (const id of waiting) this.join(id);
  }

  /** The key whose turn it is; undefined when none has room. */
  get front(): KeyId | undefined {
    return this.#withRoom.first?.id;
  }

  /** Whether a key stands aside, as far as is known. */
  get hasKeysAtLimit(): boolean {
    return this.#atLimit > 0;
  }

  join(id: KeyId): void {
    const waiting = { id, turn: ++this.#lastTurn, heapIndex: -1 };
    this.#byId.set(id, waiting);
    this.#withRoom.push(waiting);
  }

  leave(id: KeyId): void {
    this.giveRoom(id);
    const waiting = this.#byId.get(id);
    if (!waiting) return;
    this.#withRoom.remove(waiting);
    this.#byId.delete(id);
  }

  /** Puts a key that has room at the back. */
  turn(id: KeyId): void {
    const waiting = this.#byId.get(id);
    if (!waiting) return;
    this.#withRoom.remove(waiting);
    waiting.turn = ++this.#lastTurn;
    this.#withRoom.push(waiting);
  }

  /** The key is at its limit: it stands aside. */
  standAside(id: KeyId): void {
    const waiting = this.#byId.get(id);
    if (!waiting || waiting.heapIndex < 0) return;
    this.#withRoom.remove(waiting);
    this.#atLimit++;
  }

  /** The key has room again: it is back in its turn. */
  giveRoom(id: KeyId): void {
    const waiting = this.#byId.get(id);
    if (!waiting || waiting.heapIndex >= 0) return;
    this.#withRoom.push(waiting);
    this.#atLimit--;
  }
}
