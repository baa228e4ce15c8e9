import type { FeedEntry } from "../../domain/index.ts";

const MOST_KEPT = 10_000;

/** The last 10,000 entries of the feed, each at a position that counts on by one. */
export class EventMemory {
  /** A ring: an entry is at its position modulo the capacity. */
  readonly #ring: FeedEntry[] = [];
  #start = 0;
  #end = 0;
  /** The id of the entry ahead of the first that is kept; undefined when it is not known. */
  #floorId: string | undefined;

  /** The position of the next entry. */
  get end(): number {
    return this.#end;
  }

  /** The id of the last entry; undefined when it is not known. */
  get lastId(): string | undefined {
    return this.#start < this.#end ? this.#at(this.#end - 1).id : this.#floorId;
  }

  add(entry: FeedEntry): void {
    if (this.#end - this.#start === MOST_KEPT) {
      this.#floorId = this.#at(this.#start).id;
      this.#start += 1;
    }
    this.#ring[this.#end % MOST_KEPT] = entry;
    this.#end += 1;
  }

  /** From now on every position before this is forgotten, the end included. */
  forget(): void {
    this.#end += 1;
    this.#start = this.#end;
    this.#floorId = undefined;
    this.#ring.length = 0;
  }

  /** The position behind the entry with this id; undefined when it is not known here. */
  behind(id: string): number | undefined {
    for (let position = this.#end - 1; position >= this.#start; position--) {
      if (this.#at(position).id === id) return position + 1;
    }
    return id === this.#floorId ? this.#start : undefined;
  }

  /** At most so many entries from this position on; undefined when some of them are forgotten. */
  from(position: number, most: number): readonly FeedEntry[] | undefined {
    if (position < this.#start) return undefined;
    const entries: FeedEntry[] = [];
    const end = Math.min(this.#end, position + most);
    for (let at = position; at < end; at++) entries.push(this.#at(at));
    return entries;
  }

  #at(position: number): FeedEntry {
    return this.#ring[position % MOST_KEPT] as FeedEntry;
  }
}
