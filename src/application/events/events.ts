import type { EventFeed, FeedEntry } from "../../domain/index.ts";
import { type EventFilter, seenThrough } from "./event-filter.ts";
import { EventMemory } from "./event-memory.ts";

/** What a listener is told. */
export type EventNotice =
  /** What has become true, in the order in which it has. */
  | { readonly kind: "events"; readonly entries: readonly FeedEntry[] }
  /** Events are missing here: what was made of those before has to be read again from elsewhere. */
  | { readonly kind: "reset" }
  /** The pool stops; nothing follows. */
  | { readonly kind: "end" };

/** Is told the next only when what it answers has resolved. One that throws is told no more. */
export type EventListener = (notice: EventNotice) => void | Promise<void>;

/** What has been read of the feed. */
export type EventReading =
  /** `position` is that of the first entry; it counts on by one in this process. Without entries there is nothing new. */
  | { readonly status: "read"; readonly position: number; readonly entries: readonly FeedEntry[] }
  /** Entries between the last reading and the next are missing. */
  | { readonly status: "reset" }
  | { readonly status: "end" };

/** Reads at its own pace, and holds nothing meanwhile. */
export interface EventReader {
  /** The id of the last entry that was read or left out; undefined when there is none that is known. */
  readonly lastId: string | undefined;
  /** The next entries, at most so many, unfiltered. */
  read(most: number): EventReading;
}

/** Goes on behind an entry of this id, on whichever instance it was seen; where that is not known, with a reset. */
export interface EventPlace {
  /** Default: from now on. */
  readonly after?: string | undefined;
}

interface Parts {
  readonly feed: EventFeed;
  /** Told why a listener gets nothing more. */
  readonly onFault: (error: unknown) => void;
}

const PORTION = 500;

/**
 * What becomes true in the pool, told to those who listen, all instances in one order. A hand-out is no event. Nobody
 * is waited for: who falls 10,000 events behind is told to start over, and so is everybody when the feed has missed
 * something. The feed is followed from the first listener on.
 */
export class Events {
  readonly #parts: Parts;
  readonly #memory = new EventMemory();
  readonly #bells = new Set<() => void>();
  #following: Promise<() => Promise<void>> | undefined;
  #isOver = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Tells `listener` what passes the filter, from now on or from behind the entry that `after` names. Resolves once
   * nothing that happens from now on is missed, with the function that ends it.
   */
  async subscribe(listener: EventListener, options: EventFilter & EventPlace = {}): Promise<() => void> {
    const reader = await this.open(options);
    let isOver = false;
    let isBusy = false;
    const tell = async () => {
      while (!isOver) {
        const notice = noticeOf(reader.read(PORTION), options);
        if (notice === undefined) {
          // In one step with the reading, or what comes now would wake nobody.
          isBusy = false;
          return;
        }
        if (notice.kind === "end") end();
        if (notice.kind !== "events" || notice.entries.length > 0) await listener(notice);
      }
    };
    const wake = () => {
      if (isBusy) return;
      isBusy = true;
      // Later, so that what the listener does holds up nobody who has made an event.
      Promise.resolve()
        .then(tell)
        .catch((error: unknown) => {
          end();
          this.#parts.onFault(error);
        });
    };
    const end = () => {
      isOver = true;
      silence();
    };
    const silence = this.onNews(wake);
    wake();
    return end;
  }

  /** The same for who reads at its own pace, and filters by itself: see `seenThrough`. */
  async open({ after }: EventPlace = {}): Promise<EventReader> {
    await this.#follow();
    return new Reader(this.#memory, () => this.#isOver, after);
  }

  /** Calls `ring`, which must not throw, whenever readers may have something to read. Answers what ends it. */
  onNews(ring: () => void): () => void {
    this.#bells.add(ring);
    return () => void this.#bells.delete(ring);
  }

  /** Lets all listeners read what is left, and then that it is the end. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#ring();
    const stop = await this.#following;
    await stop?.();
  }

  async #follow(): Promise<void> {
    if (this.#isOver) return;
    this.#following ??= this.#parts.feed.follow({
      take: (entries) => {
        for (const entry of entries) this.#memory.add(entry);
        this.#ring();
      },
      miss: () => {
        this.#memory.forget();
        this.#ring();
      },
    });
    await this.#following;
  }

  #ring(): void {
    for (const ring of this.#bells) ring();
  }
}

class Reader implements EventReader {
  readonly #memory: EventMemory;
  readonly #isOver: () => boolean;
  #position: number;
  #lastId: string | undefined;

  constructor(memory: EventMemory, isOver: () => boolean, after: string | undefined) {
    this.#memory = memory;
    this.#isOver = isOver;
    // Where an id is not known, a position that is forgotten.
    this.#position = after === undefined ? memory.end : (memory.behind(after) ?? -1);
    this.#lastId = after ?? memory.lastId;
  }

  get lastId(): string | undefined {
    return this.#lastId;
  }

  read(most: number): EventReading {
    const position = this.#position;
    const entries = this.#memory.from(position, most);
    if (entries === undefined) {
      this.#position = this.#memory.end;
      this.#lastId = this.#memory.lastId;
      return { status: "reset" };
    }
    if (entries.length === 0 && this.#isOver()) return { status: "end" };
    this.#position += entries.length;
    this.#lastId = entries.at(-1)?.id ?? this.#lastId;
    return { status: "read", position, entries };
  }
}

/** Undefined when there is nothing to tell for now. */
function noticeOf(reading: EventReading, filter: EventFilter): EventNotice | undefined {
  if (reading.status !== "read") return { kind: reading.status };
  if (reading.entries.length === 0) return undefined;
  const entries = reading.entries.flatMap(({ id, event }) => {
    const seen = seenThrough(filter, event);
    return seen === undefined ? [] : [{ id, event: seen }];
  });
  return { kind: "events", entries };
}
