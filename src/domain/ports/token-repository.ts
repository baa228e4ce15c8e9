import type { AccessToken } from "../access/access-token.ts";

/** What was stored, told apart into what can be believed and what cannot. */
export interface StoredTokens {
  /** By creation, ties by id. */
  readonly tokens: readonly AccessToken[];
  /**
   * The ids of what is there and was not written by us: its code is not that of its content. It lets nobody in,
   * and still counts as a token that exists: a forged row must not open a door.
   */
  readonly forged: readonly string[];
}

/** A token that was used, and when; epoch milliseconds, to the hour. */
export interface TokenUse {
  readonly id: string;
  readonly lastUsedAt: number;
}

/**
 * The durable tokens, each under a code of its content but for `lastUsedAt`, so that who can only write the storage
 * cannot make a token. A write that resolves has been committed. All methods reject with `storage_unavailable`.
 */
export interface TokenRepository {
  all(): Promise<StoredTokens>;

  /** Ids are never reused. */
  add(token: AccessToken): Promise<void>;

  /** Answers whether it was there; a forged one is removed as well. */
  remove(id: string): Promise<boolean>;

  /** Notes uses; never moves one back, and passes over tokens that are gone. */
  touch(uses: readonly TokenUse[]): Promise<void>;
}
