import type { KeyId, Lease, LeaseId } from "../../domain/index.ts";
import { DeadlineHeap } from "./deadline-heap.ts";

type Named = Pick<Lease, "keyId" | "id">;

/** The place of no lease. */
const NOWHERE = 0;
/** Room for so many is kept while none runs. */
const KEPT_PLACES = 1_000;

/**
 * The leases of a pool that run, by key and by the instant at which they run out. Each has a numbered place in arrays, and
 * no object of its own: those would live just long enough to cost the garbage collector most.
 */
export class RunningLeases {
  /** The first place of a lease of this id; ids are of a key, so that another key may have the same one. */
  readonly #byId = new Map<LeaseId, number>();
  /** The place of a key's first lease. */
  readonly #firstOf = new Map<KeyId, number>();
  readonly #byEnd = new DeadlineHeap();

  readonly #ids: LeaseId[] = [""];
  readonly #keyIds: KeyId[] = [0];
  /** The next place of a lease of the same id. */
  readonly #alike: number[] = [NOWHERE];
  /** The leases of a key are a ring, in the order in which they came. Free places are a chain. */
  readonly #next: number[] = [NOWHERE];
  readonly #previous: number[] = [NOWHERE];
  /** At the place of a key's first lease, how many it has. */
  readonly #counts: number[] = [0];
  #firstFree = NOWHERE;

  /** When the first of them runs out; undefined when there is none. */
  get firstEnd(): number | undefined {
    const { first } = this.#byEnd;
    return first === undefined ? undefined : this.#byEnd.deadlineOf(first);
  }

  /** Whose lease runs out first. */
  get firstKey(): KeyId | undefined {
    const { first } = this.#byEnd;
    return first === undefined ? undefined : this.#keyIds[first];
  }

  count(keyId: KeyId): number {
    return this.#counts[this.#firstOf.get(keyId) ?? NOWHERE] as number;
  }

  has(lease: Named): boolean {
    return this.#find(lease) !== NOWHERE;
  }

  endOf(lease: Named): number | undefined {
    const place = this.#find(lease);
    return place === NOWHERE ? undefined : this.#byEnd.deadlineOf(place);
  }

  *of(keyId: KeyId): Generator<Lease> {
    let place = this.#firstOf.get(keyId) ?? NOWHERE;
    for (let left = this.count(keyId); left > 0; left--) {
      yield { id: this.#ids[place] as LeaseId, keyId, until: this.#byEnd.deadlineOf(place) };
      place = this.#next[place] as number;
    }
  }

  /** Lets a lease that is there last until the given instant, and adds one that is not. */
  set(lease: Lease): void {
    const place = this.#find(lease);
    if (place === NOWHERE) this.add(lease);
    else this.#byEnd.move(place, lease.until);
  }

  /** Adds a lease that is not there. */
  add({ id, keyId, until }: Lease): void {
    const place = this.#takePlace();
    this.#ids[place] = id;
    this.#keyIds[place] = keyId;
    this.#alike[place] = this.#byId.get(id) ?? NOWHERE;
    this.#byId.set(id, place);
    this.#byEnd.push(place, until);
    const first = this.#firstOf.get(keyId);
    if (first === undefined) {
      this.#firstOf.set(keyId, place);
      this.#link(place, place);
      this.#counts[place] = 1;
      return;
    }
    this.#link(this.#previous[first] as number, place);
    this.#link(place, first);
    this.#counts[first] = (this.#counts[first] as number) + 1;
  }

  /** The same, unless it lasts longer already. */
  restore(lease: Lease): void {
    const until = this.endOf(lease);
    if (until === undefined || until < lease.until) this.set(lease);
  }

  /** Whether it was there. */
  remove(lease: Named): boolean {
    const place = this.#find(lease);
    if (place === NOWHERE) return false;
    this.#removeAt(place);
    return true;
  }

  /** Removes the one that runs out first. */
  removeFirst(): void {
    const { first } = this.#byEnd;
    if (first !== undefined) this.#removeAt(first);
  }

  #find({ keyId, id }: Named): number {
    let place = this.#byId.get(id) ?? NOWHERE;
    while (place !== NOWHERE && this.#keyIds[place] !== keyId) place = this.#alike[place] as number;
    return place;
  }

  #takePlace(): number {
    const free = this.#firstFree;
    if (free === NOWHERE) return this.#ids.length;
    this.#firstFree = this.#next[free] as number;
    return free;
  }

  #removeAt(place: number): void {
    this.#byEnd.remove(place);
    this.#unlinkAlike(place);
    this.#leaveKey(place);
    this.#ids[place] = "";
    this.#next[place] = this.#firstFree;
    this.#firstFree = place;
    if (this.#byId.size === 0 && this.#ids.length > KEPT_PLACES) this.#forgetPlaces();
  }

  #unlinkAlike(place: number): void {
    const id = this.#ids[place] as LeaseId;
    const next = this.#alike[place] as number;
    let before = this.#byId.get(id) as number;
    if (before !== place) {
      while (this.#alike[before] !== place) before = this.#alike[before] as number;
      this.#alike[before] = next;
    } else if (next === NOWHERE) this.#byId.delete(id);
    else this.#byId.set(id, next);
  }

  #leaveKey(place: number): void {
    const keyId = this.#keyIds[place] as KeyId;
    const first = this.#firstOf.get(keyId) as number;
    const left = (this.#counts[first] as number) - 1;
    if (left === 0) {
      this.#firstOf.delete(keyId);
      return;
    }
    const next = this.#next[place] as number;
    this.#link(this.#previous[place] as number, next);
    if (place === first) this.#firstOf.set(keyId, next);
    this.#counts[place === first ? next : first] = left;
  }

  #link(place: number, next: number): void {
    this.#next[place] = next;
    this.#previous[next] = place;
  }

  #forgetPlaces(): void {
    this.#byEnd.clear();
    for (const each of [this.#ids, this.#keyIds, this.#alike, this.#next, this.#previous, this.#counts])
      each.length = 1;
    this.#firstFree = NOWHERE;
  }
}
