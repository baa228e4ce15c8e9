import type { KeyId } from "../../domain/index.ts";

const SMALLEST = 2;

/**
 * Ids in the order of their turns, in a ring buffer: a turn reads one id, however many there are. Removing an id
 * only marks its entry as void; the entry goes when its turn comes or the ring is rebuilt. Every call is O(1)
 * amortized, though a single one may visit every entry.
 */
export class TurnRing {
  #slots = new Array<KeyId>(SMALLEST).fill(0);
  #head = 0;
  #entries = 0;
  /** How many entries of an id are void. They come before its valid one, because an id joins at the back. */
  #voids: Map<KeyId, number> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many entries it has room for. */
  get capacity(): number {
    return this.#slots.length;
  }

  get front(): KeyId | undefined {
    if (this.#voids) this.#dropVoids();
    return this.#size === 0 ? undefined : this.#slots[this.#head];
  }

  /** In the order of their turns. */
  *ids(): Generator<KeyId> {
    if (this.#voids) this.#rebuild();
    for (let n = 0; n < this.#entries; n++)
      yield this.#slots[(this.#head + n) & (this.capacity - 1)] as KeyId;
  }

  push(id: KeyId): void {
    this.#append(id);
    this.#size++;
  }

  /** Sends the front to the back and answers which it was. */
  rotate(): KeyId | undefined {
    const { front } = this;
    if (front === undefined) return undefined;
    this.#shift();
    this.#append(front);
    return front;
  }

  /** The id must be in the ring. */
  remove(id: KeyId): void {
    this.#voids ??= new Map();
    this.#voids.set(id, (this.#voids.get(id) ?? 0) + 1);
    this.#size--;
    if (this.#entries > 2 * this.#size) this.#rebuild();
  }

  #append(id: KeyId): void {
    if (this.#entries === this.capacity) this.#rebuild();
    this.#slots[(this.#head + this.#entries) & (this.capacity - 1)] = id;
    this.#entries++;
  }

  #dropVoids(): void {
    while (this.#entries > 0 && this.#isVoid(this.#slots[this.#head] as KeyId)) this.#shift();
  }

  /** Whether this entry, the first of its id, is void. If so, counts it as gone. */
  #isVoid(id: KeyId): boolean {
    const count = this.#voids?.get(id);
    if (count === undefined) return false;
    if (count > 1) this.#voids?.set(id, count - 1);
    else this.#voids?.delete(id);
    if (this.#voids?.size === 0) this.#voids = undefined;
    return true;
  }

  #shift(): void {
    this.#head = (this.#head + 1) & (this.capacity - 1);
    this.#entries--;
  }

  /** Drops the void entries and makes the capacity at least twice the number of the others. */
  #rebuild(): void {
    const from = this.#slots;
    let length = SMALLEST;
    while (length < 2 * this.#size) length *= 2;
    const slots = new Array<KeyId>(length).fill(0);
    let kept = 0;
    for (let n = 0; n < this.#entries; n++) {
      const id = from[(this.#head + n) & (from.length - 1)] as KeyId;
      if (!this.#isVoid(id)) slots[kept++] = id;
    }
    this.#slots = slots;
    this.#head = 0;
    this.#entries = kept;
  }
}
