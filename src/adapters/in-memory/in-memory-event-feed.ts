import type { Clock, EventFeed, FeedEntry, FeedEvent, FeedFollower } from "../../domain/index.ts";

const MOST_KEPT = 10_000;

/** The feed of one process. It keeps nothing before it is followed for the first time: nobody can have seen any of it. */
export class InMemoryEventFeed implements EventFeed {
  readonly #clock: Clock;
  /** A ring: once it is full, the oldest is at `#next`. */
  readonly #kept: FeedEntry[] = [];
  readonly #followers = new Set<FeedFollower>();
  #isFollowed = false;
  #next = 0;
  #lastMs = 0;
  #sequence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  append(event: FeedEvent): void {
    // Thousands in a second that outlive the young generation would cost more than all else here.
    if (!this.#isFollowed) return;
    const entry = { id: this.#nextId(), event };
    this.#kept[this.#next] = entry;
    this.#next = (this.#next + 1) % MOST_KEPT;
    if (this.#followers.size === 0) return;
    for (const follower of [...this.#followers]) follower.take([entry]);
  }

  async follow(follower: FeedFollower): Promise<() => Promise<void>> {
    this.#isFollowed = true;
    // An object of its own for each, so that one can follow twice.
    const following: FeedFollower = {
      take: (entries) => follower.take(entries),
      miss: () => follower.miss(),
    };
    const isFull = this.#kept.length === MOST_KEPT;
    const kept = isFull ? [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)] : this.#kept;
    if (kept.length > 0) follower.take([...kept]);
    this.#followers.add(following);
    return async () => {
      this.#followers.delete(following);
    };
  }

  /** The instant is in it so that an id from before a restart is none of the ids after it. */
  #nextId(): string {
    const now = this.#clock.now();
    if (now > this.#lastMs) {
      this.#lastMs = now;
      this.#sequence = 0;
    }
    return `${this.#lastMs}-${this.#sequence++}`;
  }
}
