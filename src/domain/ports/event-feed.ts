import type { FeedEntry, FeedEvent } from "../feed-event.ts";

/** Who reads a feed. Neither function may throw. */
export interface FeedFollower {
  /** The next entries, in the order of all. */
  take(entries: readonly FeedEntry[]): void;
  /** Between the last entry and the next one others are missing, or came in another order. */
  miss(): void;
}

/**
 * Puts the events of all instances that share it into one order, the same for everybody, and keeps the last
 * 10,000, at the latest from the first follower on. It is for eyes only: entries may be lost, which shows as a miss, and who can write to the backend can
 * forge them, so nothing may rest on one.
 */
export interface EventFeed {
  /**
   * Adds an event behind the others of this instance. Never throws and waits for nothing: while the backend is away
   * the followers of this instance get the event and no others do, and all of them a miss once it is back.
   */
  append(event: FeedEvent): void;

  /**
   * First lets `follower` take what is kept, the oldest first, then what comes. Resolves when nothing that is appended
   * from now on will be missed, with the function that ends it. Never rejects, also when the backend is away.
   */
  follow(follower: FeedFollower): Promise<() => Promise<void>>;
}
