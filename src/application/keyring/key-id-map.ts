import type { KeyId } from "../../domain/index.ts";

const PAGE_SIZE = 64;

interface Page<T> {
  used: number;
  readonly values: (T | undefined)[];
}

/**
 * A map by id for the hand-outs, which ask for one key after another: neighbours lie side by side in memory,
 * where the hashes of a `Map` scatter a hundred thousand of them past what the processor's cache holds.
 */
export class KeyIdMap<T> {
  readonly #pages = new Map<number, Page<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: KeyId): T | undefined {
    return this.#pages.get(pageOf(id))?.values[id % PAGE_SIZE];
  }

  set(id: KeyId, value: T): void {
    let page = this.#pages.get(pageOf(id));
    if (!page) {
      page = { used: 0, values: new Array<T | undefined>(PAGE_SIZE).fill(undefined) };
      this.#pages.set(pageOf(id), page);
    }
    if (page.values[id % PAGE_SIZE] === undefined) {
      page.used++;
      this.#size++;
    }
    page.values[id % PAGE_SIZE] = value;
  }

  delete(id: KeyId): void {
    const page = this.#pages.get(pageOf(id));
    if (page?.values[id % PAGE_SIZE] === undefined) return;
    page.values[id % PAGE_SIZE] = undefined;
    page.used--;
    this.#size--;
    if (page.used === 0) this.#pages.delete(pageOf(id));
  }

  *values(): Generator<T> {
    for (const { values } of this.#pages.values()) {
      for (const value of values) if (value !== undefined) yield value;
    }
  }
}

// By remainder, because a shift would take an id beyond 32 bits for another.
function pageOf(id: KeyId): number {
  return (id - (id % PAGE_SIZE)) / PAGE_SIZE;
}
