import { type Resting, RestingHeap } from "./resting-heap.ts";

/** A key's place in one queue: waiting in the list, resting in the heap, or in neither. */
export class Place implements Resting {
  readonly id: number;
  deadline = 0;
  heapIndex = -1;
  previous: Place | null = null;
  next: Place | null = null;
  waiting = false;

  constructor(id: number) {
    this.id = id;
  }
}

/** One queue of keys: those whose turn comes, in order, and those that rest, by deadline. */
export class TurnQueue {
  readonly #resting = new RestingHeap<Place>();
  #front: Place | null = null;
  #back: Place | null = null;
  #size = 0;

  /** How many places wait or rest here. */
  get size(): number {
    return this.#size;
  }

  get front(): Place | null {
    return this.#front;
  }

  /** The deadline of the first key to return; undefined when none rests. */
  get firstDeadline(): number | undefined {
    return this.#resting.first?.deadline;
  }

  /** Lets every key whose deadline has come join the back, by deadline, then by id. */
  wake(now: number): void {
    for (let due = this.#resting.first; due && due.deadline <= now; due = this.#resting.first) {
      this.#resting.remove(due);
      this.#link(due);
    }
  }

  join(place: Place): void {
    this.#size++;
    this.#link(place);
  }

  rest(place: Place, deadline: number): void {
    this.#size++;
    place.deadline = deadline;
    this.#resting.push(place);
  }

  leave(place: Place): void {
    if (place.waiting) this.#unlink(place);
    else if (place.heapIndex >= 0) this.#resting.remove(place);
    else return;
    this.#size--;
  }

  turn(place: Place): void {
    if (place === this.#back) return;
    this.#unlink(place);
    this.#link(place);
  }

  #link(place: Place): void {
    place.waiting = true;
    place.previous = this.#back;
    place.next = null;
    if (this.#back) this.#back.next = place;
    else this.#front = place;
    this.#back = place;
  }

  #unlink(place: Place): void {
    place.waiting = false;
    if (place.previous) place.previous.next = place.next;
    else this.#front = place.next;
    if (place.next) place.next.previous = place.previous;
    else this.#back = place.previous;
  }
}
