import type { Lease, LeaseId } from "../lease.ts";
import type { RotationStrategy } from "../policy.ts";
import type { Member, Pool, Turn, WholePool } from "./cooldown-store.ts";

/**
 * Names the list of leases that a store keeps of a pool, as long as it has not lost it. Another name is another list:
 * leases that were given before are not in it, unless they have been restored.
 */
export type LeaseList = string;

/** The list is another one than the caller has seen: it restores its leases and asks again. Nothing has changed. */
export interface OtherList {
  readonly status: "other-list";
  readonly list: LeaseList;
}

export interface LeaseDraft {
  readonly id: LeaseId;
  /** How long it may last. The store, whose clock decides, makes the deadline of it. */
  readonly ttlMs: number;
}

export type LeaseTurn =
  | {
      readonly status: "taken";
      readonly lease: Lease;
      /** Where it is kept. */
      readonly list: LeaseList;
      readonly at: number;
    }
  /**
   * Every key of the pool that could be handed out is at its limit. `until` is the first instant at which that
   * can change without a return: a lease of the pool has run out then, or a key is back.
   */
  | { readonly status: "all-busy"; readonly until: number; readonly at: number }
  | OtherList
  | Exclude<Turn, { status: "taken" }>;

export type Renewal =
  | { readonly status: "renewed"; readonly lease: Lease; readonly list: LeaseList }
  /** It has run out or was returned, or the store has never had it. */
  | { readonly status: "gone" }
  | OtherList;

export type Release =
  /** `hadNoRoom`: the key was at its limit, so somebody may have waited for this. */
  { readonly status: "returned"; readonly hadNoRoom: boolean } | { readonly status: "gone" } | OtherList;

export type Keeping =
  | {
      readonly status: "kept";
      /** Those that were returned or have run out. */
      readonly ended: readonly LeaseId[];
      /** Those that were carried off to another pool, and may run there. */
      readonly carriedOff: readonly LeaseId[];
    }
  | OtherList;

/**
 * Gives keys for a time, and never more of one than its limit. It is a cooldown store, seen from another side: a
 * lease is a turn, and what keeps a key from being taken keeps it from being leased.
 *
 * A pool has a queue for leases beside the one for hand-outs, and so has each tag. Keys come and go in it as they do
 * in that one, and each turns for itself. A key at its limit keeps its turn, and lets others go first until one of its
 * leases is returned or has run out; that happens by the store's one clock and needs nobody to come by. A key that
 * moves, rests, leaves or is dropped keeps the leases that run: they count for as long as they last.
 *
 * `seen` is the list of the pool in which the caller's own leases are; undefined when it has none. A method that is
 * given one, and finds another, answers `other-list` and changes nothing.
 *
 * Each method is one atomic step and takes effect in the order in which one process calls, together with those of
 * the cooldown store. An unreachable backend throws its own errors, and then the call may or may not have taken effect.
 */
export interface LeaseStore {
  /**
   * Takes the front of the pool's queue for leases, of the keys that have room; `round_robin` puts it at the back.
   * A store that instances share may have lost its list, and then answers `all-busy` for keys with a limit, until the
   * other instances have had time to restore theirs. Costs at most O(log n), but for the first lease of a pool.
   */
  lease(pool: Pool, rotation: RotationStrategy, draft: LeaseDraft, seen?: LeaseList): Promise<LeaseTurn>;

  /**
   * Lets a lease last for so long from now on. `member` is where its key is now, here and in what follows. Gone where the
   * pool is known and the key not in it: who moves it has read how long its leases last, and takes them along.
   */
  renew(member: Member, draft: LeaseDraft, seen?: LeaseList): Promise<Renewal>;

  /** Ends a lease. Of several calls for one lease, one answers `returned`. */
  release(member: Member, id: LeaseId, seen?: LeaseList): Promise<Release>;

  /**
   * Brings leases back that the list lacks, whatever the limit; of one that it has, the later deadline counts. What
   * has run out is passed over. Answers the list, which it makes where there is none; the pool need not be known.
   */
  restore(pool: WholePool, leases: readonly Lease[]): Promise<LeaseList>;

  /**
   * Takes a lease away that has come along to another pool, where its key has moved; the placement is the one that the
   * key has there. Answers whether it ran here, also to those who come for it later, as long as it would have lasted;
   * false when it was returned before or has run out. Leaves it where the store was told of a newer place here.
   */
  carryOff(member: Member, id: LeaseId): Promise<boolean>;

  /**
   * Lets those of the leases that the list has last as long as these at least, and brings none back. For leases that have
   * been in this list, so that what is not there has ended or was carried off. With an `until` of 0 it only asks.
   */
  keep(pool: WholePool, leases: readonly Lease[], list: LeaseList): Promise<Keeping>;

  /** The list of a pool as it is now; undefined when there is none. */
  listOf(pool: WholePool): Promise<LeaseList | undefined>;

  /** How many leases of each key run, in their order. The keys are of one pool. */
  countLeases(members: readonly Member[]): Promise<readonly number[]>;
}
