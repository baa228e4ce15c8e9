import type { Away, KeyId } from "../../domain/index.ts";

/** A key that is away; `heapIndex` is the heap's own bookmark, -1 when it is not in one. */
export interface AwayKey extends Away {
  readonly id: KeyId;
  heapIndex: number;
}

/** A binary heap by the instant keys come back, then by id, from which any key can be taken in O(log n). */
export class AwayHeap {
  readonly #items: AwayKey[] = [];

  get first(): AwayKey | undefined {
    return this.#items[0];
  }

  push(item: AwayKey): void {
    this.#set(this.#items.length, item);
    this.#rise(item.heapIndex);
  }

  remove(item: AwayKey): void {
    const index = item.heapIndex;
    const last = this.#items.pop() as AwayKey;
    item.heapIndex = -1;
    if (last === item) return;
    this.#set(index, last);
    this.#rise(index);
    this.#sink(last.heapIndex);
  }

  #rise(index: number): void {
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(index: number): void {
    for (;;) {
      let first = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.#items.length && this.#before(child, first)) first = child;
      }
      if (first === index) return;
      this.#swap(index, first);
      index = first;
    }
  }

  #before(left: number, right: number): boolean {
    const a = this.#items[left] as AwayKey;
    const b = this.#items[right] as AwayKey;
    return a.until < b.until || (a.until === b.until && a.id < b.id);
  }

  #swap(left: number, right: number): void {
    const a = this.#items[left] as AwayKey;
    this.#set(left, this.#items[right] as AwayKey);
    this.#set(right, a);
  }

  #set(index: number, item: AwayKey): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }
}
