import type { KeyId } from "../key.ts";
import type { Lease } from "../lease.ts";
import type { Placement } from "../placement.ts";
import type { RotationStrategy } from "../policy.ts";
import type { Service } from "../service.ts";
import type { AwayReason, Standing } from "../standing.ts";

/** All keys of one service and region; with `tag` only those that have it. */
export interface Pool {
  readonly service: Service;
  readonly region: string;
  readonly tag?: string;
}

/** What is loaded, known or lost as one: a service and region with all its tags. */
export type WholePool = Omit<Pool, "tag">;

/** A key as the store knows it: where it queues, and nothing secret. */
export interface Member {
  readonly id: KeyId;
  readonly service: Service;
  readonly region: string;
  readonly tag: string | null;
  /** How many leases of it may run at a time; null for any number. */
  readonly maxInFlight: number | null;
  /** Which of its places this is; `REMOVED` for none any more. */
  readonly placement: Placement;
}

export interface Seat {
  readonly member: Member;
  readonly standing: Standing;
}

/** A seat that is put, and what comes along from the pool that the key was in before. */
export interface Arrival extends Seat {
  /** Default: none. */
  readonly leases?: readonly Lease[];
  /** Whether it joins no queue, as if it had left again at once. Default: it joins. */
  readonly hasLeft?: true;
}

/** What a key had in the pool that it is dropped in. */
export interface Dropped {
  /** Undefined when the store did not hold it, or was told of a newer place here. */
  readonly standing: Standing | undefined;
  /**
   * Its leases that run, for who takes them along: none where the store gives none, and none of a key that is removed.
   * They count here until they are carried off.
   */
  readonly leases: readonly Lease[];
}

/** In all answers `at` is the instant, by the store's clock, at which they were true; rules use that instant and no other. */
export type Turn =
  | { readonly status: "taken"; readonly id: KeyId; readonly at: number }
  /** Every key of the pool that is not disabled is away. The first comes back at `until`; `reason` is why that one is away. */
  | {
      readonly status: "all-away";
      readonly until: number;
      readonly reason: AwayReason;
      readonly at: number;
    }
  /** No key of the pool can come back by itself: it has none, or all are disabled. */
  | { readonly status: "empty"; readonly at: number }
  /** The store does not know this pool, or has lost it. `load` it and ask again. */
  | { readonly status: "unloaded" };

/** What a store holds of one key in one pool. */
export type Held =
  | {
      readonly status: "held";
      readonly standing: Standing;
      readonly at: number;
      /** Whether it has left its queues, as long as nobody has put it again. Default: it has not. */
      readonly hasLeft?: true;
    }
  /** The store knows the pool, and the key is not in it. */
  | { readonly status: "missing" }
  /** The store does not hold the key, nor does it know the pool, so it cannot say whether the key is in it. */
  | { readonly status: "unloaded" };

/**
 * Whose turn it is, and who is away. Keeps facts and swaps them; the rules stay in the domain.
 *
 * A pool has a queue of its own and one for each tag. A key joins the back of its queues when it is put, when
 * a new standing makes it available, and at the instant it comes back from being away (by that instant, then
 * by id). Disabled keys are in no queue. Whether a key is away is decided by the store's one clock, to the
 * millisecond, whenever it is asked: nothing has to happen for a key to come back.
 *
 * A key is in one pool at a time: moving it is `drop` there and `put` here. `member` names the pool that is
 * meant; a key that is held in another pool is not held in this one. A wrong tag in it does no harm, except
 * to `put` and `load`, which believe it.
 *
 * `put`, `load` and `drop` compare the placement with the newest that was put or dropped in this pool, which is
 * remembered for `OVERTAKING_MS`, also of a key that is not held any more. One that is overtaken changes no
 * place: a put only merges the standing, a drop does nothing.
 *
 * Each method but `load` is one atomic step for each key, and takes effect in the order in which one process
 * calls. A store may lose a pool, as a whole: from then on the pool is unknown, and no turn is taken from it
 * before it is loaded again. An unreachable backend throws its own errors, and then the call may or may not
 * have taken effect.
 */
export interface CooldownStore {
  /**
   * Takes the front of the pool's queue. `round_robin` puts it at the back of the queue it was taken from (a
   * turn by tag leaves the pool's own queue alone, and the other way round); `sticky` leaves it in front. Never
   * takes a key that is away or disabled. Costs at most O(log n).
   */
  take(pool: Pool, rotation: RotationStrategy): Promise<Turn>;

  /** What the store holds of the key. Its standing can be read before its pool is known, and after it has left. */
  read(member: Member): Promise<Held>;

  /**
   * Swaps the standing and moves the key in or out of its queues, if the store still holds exactly `expected`.
   * False when it holds another standing, or not this key; then nothing has changed. It compares and does not
   * rank: `next` may be lower than `expected`, which undoes what a forged standing did.
   */
  replace(member: Member, expected: Standing, next: Standing): Promise<boolean>;

  /**
   * Adds keys, or brings them up to date. The standing becomes the `merge` of the given one and the held one.
   * A key keeps its place in every queue it waits in rightly; one that had left joins again, at the back. The pool need not be known and does not become so.
   * Leases that come along are restored in the same step, also where the place is overtaken.
   */
  put(arrivals: readonly Arrival[]): Promise<void>;

  /**
   * Takes in standings that are durable: the standing of a key that is held becomes the `merge` of both. Adds,
   * moves, tags and re-seats none, for where a key belongs may have changed since that was read. Answers what
   * is held afterwards, one for each seat, in their order.
   */
  follow(seats: readonly Seat[]): Promise<readonly Held[]>;

  /**
   * Takes a key out of its queues, so that it is not handed out; its standing can still be read, replaced and
   * followed, and `put` lets it join again. With `"tag"` only out of its tag's queue: it has no tag from then
   * on, and keeps its place in the pool's own queue. A key that is not held is passed over. Default: `"all"`.
   */
  leave(member: Member, from?: "all" | "tag"): Promise<void>;

  /**
   * Forgets a key and answers what it had here: nothing where the store was told of a newer place here. The placement is
   * the one that the key has now, elsewhere.
   */
  drop(member: Member): Promise<Dropped>;

  /**
   * Makes a pool known. Calls `read` once, which answers all keys of the pool in the order of their turns, in
   * chunks, and puts each chunk as it comes; but a key that has left stays out, because the caller of `leave` is
   * still changing it. `read` is called after the load has begun: if the store loses the pool before the load
   * ends, keys put before the loss are missing, and the pool stays unknown.
   *
   * May be repeated, and run at the same time by several: no run undoes what another has put. When `read`
   * throws, so does `load`, and the pool is no more known than before.
   */
  load(pool: WholePool, read: () => AsyncIterable<readonly Seat[]>): Promise<void>;
}
