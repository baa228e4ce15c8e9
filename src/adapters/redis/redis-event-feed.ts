import type { EventFeed, FeedEvent, FeedFollower } from "../../domain/index.ts";
import { eventText } from "./event-text.ts";
import { EVENT, type FeedReader, FeedReading, GAP, MOST_KEPT } from "./feed-reading.ts";
import { checkPrefix, DEFAULT_PREFIX } from "./pool-pieces.ts";

export type { FeedReader } from "./feed-reading.ts";

export interface FeedWriter {
  readonly isReady: boolean;
  xAdd(
    key: string,
    id: string,
    fields: Record<string, string>,
    options: { TRIM: { strategy: "MAXLEN"; strategyModifier: "~"; threshold: number } },
  ): Promise<unknown>;
}

const TRIM = { strategy: "MAXLEN", strategyModifier: "~", threshold: MOST_KEPT } as const;
/** While Redis does not answer, no more events than this wait for it. */
const MOST_UNANSWERED = MOST_KEPT;
const RETRY_MS = 1_000;
const CLOSE_WITHIN_MS = 1_000;
/** Sequences of Redis are far below: so an id of ours is none of its. */
const FIRST_OWN_NUMBER = 1_000_000;

/**
 * The feed of all instances, in a stream of Redis: the order of the stream is everybody's. Both clients are live and
 * stay their owner's.
 */
export class RedisEventFeed implements EventFeed {
  readonly #writer: FeedWriter;
  readonly #reader: FeedReader;
  readonly #key: string;
  readonly #followers = new Set<FeedFollower>();
  readonly #unanswered = new Set<Promise<unknown>>();
  #waiting: FeedEvent[] = [];
  /** Events were kept from other instances, which are to be told so. */
  #owesGap = false;
  #retry: NodeJS.Timeout | undefined;
  #ownNumber = FIRST_OWN_NUMBER;

  constructor(writer: FeedWriter, reader: FeedReader, options: { readonly prefix?: string } = {}) {
    this.#writer = writer;
    this.#reader = reader;
    this.#key = `${checkPrefix(options.prefix ?? DEFAULT_PREFIX)}events`;
  }

  append(event: FeedEvent): void {
    this.#waiting.push(event);
    // Those of one turn of the event loop go out in one packet.
    if (this.#waiting.length === 1) setImmediate(() => this.#send());
  }

  async follow(follower: FeedFollower): Promise<() => Promise<void>> {
    const following: FeedFollower = {
      take: (entries) => follower.take(entries),
      miss: () => follower.miss(),
    };
    this.#send();
    await this.#answered();
    this.#followers.add(following);
    const reading = new FeedReading(this.#reader, this.#key, following);
    await reading.begin();
    return async () => {
      reading.end();
      this.#followers.delete(following);
    };
  }

  /** Sends what waits, for a second at most. */
  async close(): Promise<void> {
    this.#send();
    clearTimeout(this.#retry);
    await this.#answered();
  }

  #send(): void {
    const events = this.#waiting;
    this.#waiting = [];
    if (events.length === 0) return;
    if (!this.#canAdd) {
      this.#showOnlyHere(events);
      return;
    }
    this.#sayGap();
    for (const event of events) {
      this.#add({ [EVENT]: eventText(event) }).catch(() => this.#showOnlyHere([event]));
    }
  }

  get #canAdd(): boolean {
    return this.#writer.isReady && this.#unanswered.size < MOST_UNANSWERED;
  }

  #add(fields: Record<string, string>): Promise<unknown> {
    const added = this.#writer.xAdd(this.#key, "*", fields, { TRIM });
    this.#unanswered.add(added);
    const answered = () => void this.#unanswered.delete(added);
    added.then(answered, answered);
    return added;
  }

  #showOnlyHere(events: readonly FeedEvent[]): void {
    const entries = events.map((event) => ({ id: `${Date.now()}-${this.#ownNumber++}`, event }));
    for (const follower of [...this.#followers]) follower.take(entries);
    this.#owesGap = true;
    this.#sayGapLater();
  }

  #sayGap(): void {
    if (!this.#owesGap) return;
    this.#owesGap = false;
    this.#add({ [GAP]: "1" }).catch(() => {
      this.#owesGap = true;
      this.#sayGapLater();
    });
  }

  #sayGapLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      if (this.#canAdd) this.#sayGap();
      else if (this.#owesGap) this.#sayGapLater();
    }, RETRY_MS).unref();
  }

  async #answered(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_WITHIN_MS);
    });
    await Promise.race([Promise.allSettled(this.#unanswered), late]);
    clearTimeout(timer);
  }
}
