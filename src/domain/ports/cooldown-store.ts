import type { KeyId } from "../key.ts";
import type { RotationStrategy } from "../policy.ts";
import type { Service } from "../service.ts";
import type { Standing } from "../standing.ts";

/** The keys of one service and region, or with `tag` only those that bear it. */
export interface Pool {
  readonly service: Service;
  readonly region: string;
  readonly tag?: string;
}

/** A key as the store knows it: where it queues, and nothing secret. */
export interface Member {
  readonly id: KeyId;
  readonly service: Service;
  readonly region: string;
  readonly tag: string | null;
}

export interface Seat {
  readonly member: Member;
  readonly standing: Standing;
}

/** `at` is the instant the answer was true at; rules use that instant and no other. */
export type Turn =
  | { readonly status: "taken"; readonly id: KeyId; readonly at: number }
  /** Every key of the pool that is not disabled rests; the first returns at `availableAt`. */
  | { readonly status: "all-cooling"; readonly availableAt: number; readonly at: number }
  | { readonly status: "empty"; readonly at: number }
  /** The store does not know this pool (yet, or any more). Fill it with `load` and ask again. */
  | { readonly status: "unloaded" };

/** Tells a store whether it has kept a pool since `startLoad`; means nothing to anybody else. */
export type LoadToken = string;

/**
 * Whose turn it is, and who rests. Keeps facts and swaps them; the rules stay in the domain.
 *
 * Each method is one atomic step. A pool has a queue of its own and one for each tag. A key joins the back
 * of its queues when it is put, when it may be handed out again, and at the instant its cooldown ends (by
 * deadline, then by id). Calls of one process take effect in the order in which they were made. Deadlines are decided by the store's one clock, to the millisecond, whenever asked.
 * Unreachable backends throw their own errors.
 */
export interface CooldownStore {
  /**
   * Takes the front of the pool's queue. `round_robin` puts it at the back of the queue it was taken from
   * (a hand-out by tag turns the tag's queue only); `sticky` leaves it in front. Costs at most O(log n).
   */
  take(pool: Pool, rotation: RotationStrategy): Promise<Turn>;

  /** The standing the store holds and its clock's instant; undefined when it does not hold the key there. */
  read(member: Member): Promise<{ readonly standing: Standing; readonly at: number } | undefined>;

  /**
   * Swaps the standing and moves the key in or out of its queues, if the store still holds `expected`.
   * False when it holds another standing, or not this key; then nothing has changed.
   */
  replace(member: Member, expected: Standing, next: Standing): Promise<boolean>;

  /**
   * Adds keys, or brings them up to date. The standing becomes the `merge` of the given one and the held
   * one. A key keeps its place in every queue it waits in already; one that had left joins again.
   */
  put(seats: readonly Seat[]): Promise<void>;

  /**
   * Takes in standings that another process has made durable: the standing of a key it holds becomes the
   * `merge` of both. Adds, moves and re-seats none, for what was read of them may be old by now. Answers the
   * keys that it does not hold there.
   */
  follow(seats: readonly Seat[]): Promise<readonly Member[]>;

  /** Takes a key out of its queues, so that nobody is handed it; its standing can still be read and replaced. */
  leave(member: Member): Promise<void>;

  /** Forgets a key and answers the standing it had; undefined when the store did not hold it. */
  drop(member: Member): Promise<Standing | undefined>;

  /** Comes before the keys of a pool are read for `load`, which takes what this answers. */
  startLoad(service: Service, region: string): Promise<LoadToken>;

  /**
   * Puts all keys of a service and region, in the order given, and marks that pool as known, tags included.
   * Unlike with `put`, a key that has left its queues stays out: whoever took it out is at work on it.
   *
   * With a token, a pool that the store has lost since then stays unknown: whatever was changed meanwhile may
   * be missing in the seats as well as in the store.
   */
  load(service: Service, region: string, seats: readonly Seat[], token?: LoadToken): Promise<void>;
}
