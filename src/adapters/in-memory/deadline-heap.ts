/**
 * Numbered places by the deadlines of what is in them: a binary heap in arrays of numbers, which are written in place, so
 * that what comes and goes thousands of times a second leaves nothing to be collected. Any place can be taken out in
 * O(log n).
 */
export class DeadlineHeap {
  /** The places; that at `n` comes before those at `2n + 1` and `2n + 2`. */
  readonly #places: number[] = [];
  /** By place, where it is in the heap. */
  readonly #indexOf: number[] = [0];
  /** By place. Begins with a fraction, so that what is written later is written in place. */
  readonly #deadlines: number[] = [0.5];

  /** The place whose deadline comes first; undefined when there is none. */
  get first(): number | undefined {
    return this.#places[0];
  }

  deadlineOf(place: number): number {
    return this.#deadlines[place] as number;
  }

  /** A place that is not in the heap, at most one more than there have been. */
  push(place: number, deadline: number): void {
    this.#deadlines[place] = deadline;
    const index = this.#places.length;
    this.#places.push(place);
    this.#rise(index, place);
  }

  /** Gives a place another deadline. */
  move(place: number, deadline: number): void {
    this.#deadlines[place] = deadline;
    this.#settle(place);
  }

  remove(place: number): void {
    const last = this.#places.pop() as number;
    if (last === place) return;
    this.#put(this.#indexOf[place] as number, last);
    this.#settle(last);
  }

  /** Forgets all places. */
  clear(): void {
    this.#places.length = 0;
    this.#indexOf.length = 1;
    this.#deadlines.length = 1;
  }

  #settle(place: number): void {
    this.#rise(this.#indexOf[place] as number, place);
    this.#sink(this.#indexOf[place] as number, place);
  }

  #rise(from: number, place: number): void {
    const deadline = this.deadlineOf(place);
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const other = this.#places[above] as number;
      if (this.deadlineOf(other) <= deadline) break;
      this.#put(index, other);
      index = above;
    }
    this.#put(index, place);
  }

  #sink(from: number, place: number): void {
    const deadline = this.deadlineOf(place);
    const { length } = this.#places;
    let index = from;
    for (let below = 2 * index + 1; below < length; below = 2 * index + 1) {
      if (below + 1 < length && this.#isBefore(below + 1, below)) below += 1;
      const other = this.#places[below] as number;
      if (deadline <= this.deadlineOf(other)) break;
      this.#put(index, other);
      index = below;
    }
    this.#put(index, place);
  }

  #isBefore(one: number, other: number): boolean {
    return this.deadlineOf(this.#places[one] as number) < this.deadlineOf(this.#places[other] as number);
  }

  #put(index: number, place: number): void {
    this.#places[index] = place;
    this.#indexOf[place] = index;
  }
}
