import type { Key, KeyDescription, KeyDraft, KeyId, Usage } from "../key.ts";
import type { KeySort } from "../key-sort.ts";
import type { KeyLogDraft } from "../log-entry.ts";
import type { Service } from "../service.ts";
import type { KeyStatus, Standing } from "../standing.ts";

/** Which keys are meant; what is absent does not narrow them. */
export interface KeyFilter {
  readonly service: Service;
  readonly status?: KeyStatus;
  readonly region?: string;
  readonly tag?: string;
  /** Held by name, region or tag, in whatever case its Latin letters are; not empty. */
  readonly text?: string;
  readonly id?: KeyId;
}

export interface KeyQuery extends KeyFilter {
  /** Default: by id. */
  readonly sort?: KeySort;

  /** Keys to leave out at the beginning; default 0. */
  readonly offset?: number;
  /** Keys to return at most; all when absent. */
  readonly limit?: number;
}

/** A pool that keys belong to. */
export interface KeyPlace {
  readonly service: Service;
  readonly region: string;
}

/** A part of the keys that match a query. */
export interface KeyPage {
  /** In the order that was asked for. */
  readonly keys: readonly (Key & Usage)[];
  /** How many match in all. */
  readonly total: number;
}

/** How many keys of a service have which status. */
export interface KeyCounts {
  readonly enabled: number;
  readonly cooldown: number;
  readonly disabled: number;
}

/** The same of one pool. */
export interface PoolCounts extends KeyPlace, KeyCounts {
  /** When the first of its keys that rest returns, epoch milliseconds; null when none rests. */
  readonly nextAt: number | null;
}

/** What was counted of one key since the last write. */
export interface UsageDelta {
  readonly id: KeyId;
  readonly uses: number;
  readonly errors: number;
  /** Epoch milliseconds; null when it was not handed out since. */
  readonly lastUsedAt: number | null;
}

/** Shows the durable keys as they are stored; which of them may be handed out now, the cooldown store knows better. */
export interface KeyReader {
  /** The keys that match, as they are stored, their status judged at `now` (epoch milliseconds). */
  list(query: KeyQuery, now: number): Promise<KeyPage>;

  /**
   * All keys that match, by id, their status judged at `now` (epoch milliseconds), in pages of at most 1,000. A page is
   * read when it is asked for, and none after the iteration has ended. Keys that are added or removed meanwhile may
   * be in it or not.
   */
  scan(filter: KeyFilter, now: number): AsyncIterable<readonly (Key & Usage)[]>;

  /** How many keys of the service have which status at `now` (epoch milliseconds). */
  count(service: Service, now: number): Promise<KeyCounts>;

  /** The same of each service and region that has keys, by service and region. */
  countPools(now: number): Promise<readonly PoolCounts[]>;
}

export interface UsageWriter {
  /** Adds to the stored counters; keys that are gone are ignored. */
  addUsage(deltas: readonly UsageDelta[]): Promise<void>;
}

/**
 * The durable keys. A write that resolves has been committed, its log row in the same transaction; one that
 * rejects with `storage_unavailable` may or may not have been, and may be made again. Concurrent writes
 * never refuse each other.
 */
export interface KeyRepository extends KeyReader, UsageWriter {
  /** All keys in hand-out order: those never used, then those unused for longest, ties by id. In chunks. */
  load(): AsyncIterable<readonly Key[]>;

  /** The services and regions that have keys, each once. */
  pools(): Promise<readonly KeyPlace[]>;

  /** The keys of one service and region in the same order, in chunks; none when it has no keys. */
  loadPool(service: Service, region: string): AsyncIterable<readonly Key[]>;

  /** Undefined when there is no such key. */
  get(id: KeyId): Promise<Key | undefined>;

  /** Undefined when the service has no key with this secret. */
  findBySecret(service: Service, secret: string): Promise<Key | undefined>;

  /** Stores a new key; its log row gets the id. Throws `key_exists` when the service has this secret already. */
  add(draft: KeyDraft, entry: KeyLogDraft | null): Promise<Key>;

  /**
   * Changes name, region, tag or limit and returns the key as it is stored now; with any of them but the name its
   * placement is one higher. With `expectedRegion`: when the key is
   * in another region by now, changes and logs nothing and returns undefined. Throws `key_not_found`.
   */
  describe(
    id: KeyId,
    changes: Partial<KeyDescription>,
    entry: KeyLogDraft | null,
    expectedRegion?: string,
  ): Promise<Key | undefined>;

  /**
   * Stores the standing unless the stored one outranks it (`compareStandings`), and the log row unless the
   * stored one is of a higher generation. Returns the standing that is stored now. Throws `key_not_found`.
   *
   * With `expected`, only if the stored standing is still that one; otherwise stores and logs nothing.
   */
  settle(id: KeyId, standing: Standing, entry: KeyLogDraft | null, expected?: Standing): Promise<Standing>;

  /**
   * Removes a key and answers where it was; its log rows stay. For a key that is gone does nothing, logs nothing
   * and answers undefined.
   */
  remove(id: KeyId, entry: KeyLogDraft | null): Promise<KeyPlace | undefined>;
}
