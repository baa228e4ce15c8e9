import { type EventFilter, type EventReading, seenThrough } from "../../../application/index.ts";
import type { FeedEntry, FeedEvent } from "../../../domain/index.ts";
import { presentEvent } from "./event-answers.ts";

/** So long a reader waits before it comes again. */
const RETRY_MS = 2_000;
const MOST_PIECES = 32;

type Read = Extract<EventReading, { readonly status: "read" }>;

/** A filter with a name that is the same for equal ones. */
export interface NamedFilter {
  readonly filter: EventFilter;
  readonly name: string;
}

export function named(filter: EventFilter): NamedFilter {
  const { kinds, service, region, scope } = filter;
  return { filter, name: JSON.stringify([kinds, service, region, scope]) };
}

/**
 * Events as they are sent. Each is made once for all streams, and so is what streams with the same filter read at once,
 * for hundreds of them mostly stand at the same place.
 */
export class EventFrames {
  readonly #frames = new WeakMap<FeedEntry, string>();
  readonly #pieces = new Map<string, Buffer>();

  /** Empty when the filter leaves all of it out. */
  piece({ filter, name }: NamedFilter, { position, entries }: Read): Buffer {
    const known = `${position}+${entries.length} ${name}`;
    const found = this.#pieces.get(known);
    if (found) return found;
    let text = "";
    for (const entry of entries) {
      const seen = seenThrough(filter, entry.event);
      if (seen !== undefined) text += seen === entry.event ? this.#frame(entry) : frameOf(entry.id, seen);
    }
    const piece = Buffer.from(text);
    const [oldest] = this.#pieces.keys();
    if (this.#pieces.size >= MOST_PIECES && oldest !== undefined) this.#pieces.delete(oldest);
    this.#pieces.set(known, piece);
    return piece;
  }

  #frame(entry: FeedEntry): string {
    let frame = this.#frames.get(entry);
    if (frame === undefined) {
      frame = frameOf(entry.id, entry.event);
      this.#frames.set(entry, frame);
    }
    return frame;
  }
}

function frameOf(id: string, event: FeedEvent): string {
  return `event: ${event.kind}\nid: ${id}\ndata: ${JSON.stringify(presentEvent(event))}\n\n`;
}

/** The id is where to go on should the connection be lost before the first event. */
export function openingFrame(lastId: string | undefined): string {
  return `retry: ${RETRY_MS}\n${lastId === undefined ? "" : `id: ${lastId}\n`}\n`;
}

/** Without an id a reader forgets the one it has. */
export function resetFrame(lastId: string | undefined): string {
  return `event: reset\nid: ${lastId ?? ""}\ndata: {}\n\n`;
}
