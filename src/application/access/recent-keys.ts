import type { KeyId } from "../../domain/index.ts";

/** Ahead of the oldest and behind the newest; of no key. */
const ENDS = 0;

/**
 * When each of some keys was last noted, in that order. The order is kept beside the map, in numbers that are written in
 * place: a map whose keys go behind the others thousands of times a second is made anew as often as it is full of
 * those that went, and each time and each such map lives long enough to cost the garbage collector most.
 */
export class RecentKeys {
  readonly #places = new Map<KeyId, number>();
  readonly #ids: KeyId[] = [ENDS];
  /** Begins with a fraction, so that what is written later is written in place. */
  readonly #times: number[] = [0.5];
  readonly #older: number[] = [ENDS];
  readonly #newer: number[] = [ENDS];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.size;
  }

  has(id: KeyId): boolean {
    return this.#places.has(id);
  }

  /** When the key was last noted; undefined for one that never was. */
  timeOf(id: KeyId): number | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#times[place];
  }

  /** When the key was last noted that has not been for longest; undefined while there is none. */
  get oldest(): number | undefined {
    return this.size === 0 ? undefined : this.#times[this.#oldestPlace];
  }

  note(id: KeyId, at: number): void {
    let place = this.#places.get(id);
    if (place === undefined) {
      place = this.#free.pop() ?? this.#ids.length;
      this.#ids[place] = id;
      this.#places.set(id, place);
    } else {
      this.#unlink(place);
    }
    this.#times[place] = at;
    this.#link(this.#older[ENDS] as number, place);
    this.#link(place, ENDS);
  }

  delete(id: KeyId): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#places.delete(id);
    this.#unlink(place);
    this.#free.push(place);
  }

  deleteOldest(): void {
    this.delete(this.#ids[this.#oldestPlace] as KeyId);
  }

  get #oldestPlace(): number {
    return this.#newer[ENDS] as number;
  }

  #unlink(place: number): void {
    this.#link(this.#older[place] as number, this.#newer[place] as number);
  }

  #link(older: number, newer: number): void {
    this.#newer[older] = newer;
    this.#older[newer] = older;
  }
}
