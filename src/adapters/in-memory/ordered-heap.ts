/** `heapIndex` is the heap's own bookmark, -1 when the item is not in one. */
export interface HeapItem {
  heapIndex: number;
}

/** A binary heap from which any item can be taken in O(log n). */
export class OrderedHeap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #isBefore: (one: T, other: T) => boolean;

  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#set(this.#items.length, item);
    this.#rise(item.heapIndex);
  }

  remove(item: T): void {
    const index = item.heapIndex;
    const last = this.#items.pop() as T;
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
    return this.#isBefore(this.#items[left] as T, this.#items[right] as T);
  }

  #swap(left: number, right: number): void {
    const a = this.#items[left] as T;
    this.#set(left, this.#items[right] as T);
    this.#set(right, a);
  }

  #set(index: number, item: T): void {
    this.#items[index] = item;
    item.heapIndex = index;
  }
}
