import type { Key, KeyDescription, KeyDraft, KeyId, Usage } from "../key.ts";
import type { LogDraft } from "../log-entry.ts";
import type { Service } from "../service.ts";
import type { KeyStatus, Standing } from "../standing.ts";

export interface KeyQuery {
  readonly service: Service;
  readonly status?: KeyStatus;
  readonly region?: string;
  readonly tag?: string;
  /** Rows to pass over; 0 for none. */
  readonly offset?: number;
  /** Rows to answer at most; all when absent. */
  readonly limit?: number;
}

export interface KeyPage {
  /** By id. */
  readonly keys: readonly (Key & Usage)[];
  /** How many match in all. */
  readonly total: number;
}

export interface KeyCounts {
  readonly enabled: number;
  readonly cooldown: number;
  readonly disabled: number;
}

/** What was counted of one key since the last write. */
export interface UsageDelta {
  readonly id: KeyId;
  readonly uses: number;
  readonly errors: number;
  /** Null when it was not handed out since. */
  readonly lastUsedAt: number | null;
}

/**
 * The durable keys. A write that resolves has been committed, its log row in the same transaction; one that
 * rejects with `storage_unavailable` may or may not have been, and may be made again. Concurrent writes
 * never refuse each other.
 */
export interface KeyRepository {
  /** All keys in hand-out order (last used first to last, never used before all, then by id), in chunks. */
  load(): AsyncIterable<readonly Key[]>;

  /** The keys of one service and region, in the same order. */
  loadPool(service: Service, region: string): Promise<readonly Key[]>;

  get(id: KeyId): Promise<Key | undefined>;

  findBySecret(service: Service, secret: string): Promise<Key | undefined>;

  /** Keys as they stand in the database, `status` judged at `now`. */
  list(query: KeyQuery, now: number): Promise<KeyPage>;

  /** How many keys of the service have which status at `now`. */
  count(service: Service, now: number): Promise<KeyCounts>;

  /** Stores a new key; the log row gets its id. Throws `key_exists` when the service has one with this secret. */
  add(draft: KeyDraft, entry: LogDraft | null): Promise<Key>;

  /**
   * Changes name, region or tag and answers the key as it now stands. With `expectedRegion`, changes and logs
   * nothing and answers undefined when the key is in another region by now. Throws `key_not_found`.
   */
  describe(
    id: KeyId,
    changes: Partial<KeyDescription>,
    entry: LogDraft | null,
    expectedRegion?: string,
  ): Promise<Key | undefined>;

  /**
   * Stores the standing unless the stored one outranks it (`compareStandings`), and the log row unless the
   * stored one is of a higher generation. Answers the standing that is durable now. Throws `key_not_found`.
   *
   * With `expected`, only if the stored standing is still that one; otherwise stores and logs nothing.
   */
  settle(id: KeyId, standing: Standing, entry: LogDraft | null, expected?: Standing): Promise<Standing>;

  /** Removes a key; its log rows stay. Removing a key that is gone does nothing and logs nothing. */
  remove(id: KeyId, entry: LogDraft | null): Promise<void>;

  /** Adds to the counters (`n = n + ?`); keys that are gone are passed over. */
  addUsage(deltas: readonly UsageDelta[]): Promise<void>;
}
