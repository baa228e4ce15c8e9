/** Something that rests until a deadline; `heapIndex` is the heap's own bookmark, -1 when it is not in one. */
export interface Resting {
  readonly id: number;
  deadline: number;
  heapIndex: number;
}

/** A binary heap by deadline, then id, from which any element can be taken in O(log n). */
export class RestingHeap {
  readonly #items: Resting[] = [];

  get first(): Resting | undefined {
    return this.#items[0];
  }

  push(item: Resting): void {
    this.#set(this.#items.length, item);
    this.#rise(item.heapIndex);
  }

  remove(item: Resting): void {
    const index = item.heapIndex;
    const last = this.#items.pop() as Resting;
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
    const a = this.#items[left] as Resting;
    const b = this.#items[right] as Resting;
    return a.deadline < b.deadline || (a.deadline === b.deadline && a.id < b.id);
  }

  #swap(left: number, right: number): void {
    const a = this.#items[left] as Resting;
    this.#set(left, this.#items[right] as Resting);
    this.#set(right, a);
  }

  #set(index: number, item: Resting): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }
}
