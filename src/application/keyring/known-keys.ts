import { type Key, type KeyId, merge, type Service, type Standing } from "../../domain/index.ts";
import { KeyCensus, type PlaceCount } from "./key-census.ts";
import { KeyIdMap } from "./key-id-map.ts";

/** How many removals are remembered at least, a few bytes each. */
const MOST_REMOVED = 100_000;

/** Called with what is known of a key before and after it has changed; undefined where nothing is. Must not throw. */
export type OnKnown = (before: Key | undefined, after: Key | undefined) => void;

/**
 * The keys this process knows, by id and by secret. A key's `standing` here is the last one known to be
 * durable; what is true now is in the cooldown store.
 */
export class KnownKeys {
  readonly #byId = new KeyIdMap<Key>();
  readonly #bySecret: Readonly<Record<Service, Map<string, Key>>> = {
    speech: new Map(),
    translation: new Map(),
  };
  readonly #poolSizes: Readonly<Record<Service, Map<string, number>>> = {
    speech: new Map(),
    translation: new Map(),
  };
  // Ids are never used again, so a key that is gone stays gone, whatever an older read of the database says.
  #removed = new Set<KeyId>();
  #removedBefore: ReadonlySet<KeyId> = new Set();
  /** Those that this process is removing. */
  readonly #leaving = new Set<KeyId>();
  /** Those that this process is moving to another pool. */
  readonly #moving = new Set<KeyId>();
  #isLoaded = false;
  /** Made when it is first asked for: most processes are not asked. */
  #census: KeyCensus | undefined;
  readonly #onKnown: OnKnown;

  constructor(onKnown: OnKnown = () => {}) {
    this.#onKnown = onKnown;
  }

  /** Whether the keys of the database have been taken in: until then, a key or pool may only seem not to be. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  markLoaded(): void {
    this.#isLoaded = true;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** How many keys of a service are known. */
  count(service: Service): number {
    return this.#bySecret[service].size;
  }

  /** How many keys of each service and region have which status at `now`, as far as is known to be durable. */
  countPlaces(now: number): readonly PlaceCount[] {
    this.#census ??= new KeyCensus(this.all());
    return this.#census.count(now);
  }

  /** `now` may be less than it was: what has been found out about rests does not hold. */
  countAnew(): void {
    this.#census = undefined;
  }

  /** In no order that matters. */
  all(): IterableIterator<Key> {
    return this.#byId.values();
  }

  get(id: KeyId): Key | undefined {
    return this.#byId.get(id);
  }

  find(service: Service, secret: string): Key | undefined {
    return this.#bySecret[service].get(secret);
  }

  /** How many known keys are of this service and region. */
  poolSize(service: Service, region: string): number {
    return this.#poolSizes[service].get(region) ?? 0;
  }

  /**
   * Takes in a key as the database had it a moment ago. What this process knows already is newer, but for a place
   * that another instance has given the key: answers what is known now, or undefined for a key that has been removed.
   */
  adopt(key: Key): Key | undefined {
    if (this.#removed.has(key.id) || this.#removedBefore.has(key.id)) return undefined;
    const known = this.#byId.get(key.id);
    if (!known) {
      this.set(key);
      return key;
    }
    if (known.placement >= key.placement) return known;
    const moved = { ...key, standing: merge(known.standing, key.standing) };
    this.set(moved);
    return moved;
  }

  set(key: Key): void {
    const before = this.#byId.get(key.id);
    this.#forget(key.id);
    this.#byId.set(key.id, key);
    this.#bySecret[key.service].set(key.secret, key);
    this.#resize(key, 1);
    this.#census?.enter(key);
    this.#onKnown(before, key);
  }

  /** Notes that a standing is durable; an older one changes nothing. */
  confirm(id: KeyId, standing: Standing): void {
    const key = this.#byId.get(id);
    if (!key) return;
    const confirmed = { ...key, standing: merge(key.standing, standing) };
    this.#byId.set(id, confirmed);
    this.#census?.leave(key);
    this.#census?.enter(confirmed);
    if (this.#isFoundAs(key)) this.#bySecret[key.service].set(key.secret, confirmed);
    this.#onKnown(key, confirmed);
  }

  remove(id: KeyId): void {
    // No read lasts as long as so many removals.
    if (this.#removed.size >= MOST_REMOVED) {
      this.#removedBefore = this.#removed;
      this.#removed = new Set();
    }
    this.#removed.add(id);
    this.#leaving.delete(id);
    const before = this.#byId.get(id);
    this.#forget(id);
    if (before) this.#onKnown(before, undefined);
  }

  /** This process is removing the key, if it is known: until then it joins no queue again. */
  startLeaving(id: KeyId): void {
    if (this.#byId.get(id)) this.#leaving.add(id);
  }

  /** The removal could not even begin. */
  stopLeaving(id: KeyId): void {
    this.#leaving.delete(id);
  }

  isLeaving(id: KeyId): boolean {
    return this.#leaving.has(id);
  }

  /** Runs a move of the key to another pool; one at a time. */
  async whileMoving<T>(id: KeyId, move: () => Promise<T>): Promise<T> {
    this.#moving.add(id);
    try {
      return await move();
    } finally {
      this.#moving.delete(id);
    }
  }

  /** Whether this process is about to put the key into another pool, with what the one before has learned. */
  isMoving(id: KeyId): boolean {
    return this.#moving.has(id);
  }

  #forget(id: KeyId): void {
    const key = this.#byId.get(id);
    if (!key) return;
    this.#byId.delete(id);
    if (this.#isFoundAs(key)) this.#bySecret[key.service].delete(key.secret);
    this.#resize(key, -1);
    this.#census?.leave(key);
  }

  /** False for a key that another instance deleted and added anew before this process learned of the deletion. */
  #isFoundAs({ id, service, secret }: Key): boolean {
    return this.#bySecret[service].get(secret)?.id === id;
  }

  #resize({ service, region }: Key, change: number): void {
    const size = this.poolSize(service, region) + change;
    if (size === 0) this.#poolSizes[service].delete(region);
    else this.#poolSizes[service].set(region, size);
  }
}
