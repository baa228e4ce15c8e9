import type { EventFilter, KeyPool } from "../../../application/index.ts";
import { OpenStreams, type StreamOptions } from "../server/open-streams.ts";
import type { RequestContext } from "../server/request-context.ts";
import { EventFrames, named } from "./event-frames.ts";
import { EventStream } from "./event-stream.ts";

const PLACES = { most: 1_000, mostOfOneToken: 750 };

/** What comes within it goes out in one write. */
const GATHER_MS = 50;
/** Streams that are written to before anything else may run. */
const PUMPED_AT_ONCE = 50;

export interface AskedEvents {
  readonly filter: EventFilter;
  readonly after?: string | undefined;
}

/** All streams of events that are open, and what they have in common. */
export class EventStreams {
  readonly #events: NonNullable<KeyPool["events"]>;
  readonly #streams: OpenStreams;
  readonly #frames = new EventFrames();
  readonly #open = new Set<EventStream>();
  #silence: (() => void) | undefined;
  #pumping: NodeJS.Timeout | undefined;
  #pumpedAt = 0;

  constructor(events: NonNullable<KeyPool["events"]>, options?: StreamOptions) {
    this.#events = events;
    this.#streams = new OpenStreams(PLACES, options);
  }

  /** Streams what is asked for; resolves when that has ended. Throws `busy`, and what the guard does. */
  async serve(ctx: RequestContext, { filter, after }: AskedEvents): Promise<void> {
    let stream: EventStream | undefined;
    try {
      await this.#streams.serve(ctx, async () => {
        const reader = await this.#events.open({ after });
        return (res) => {
          stream = new EventStream(res, reader, this.#frames, named(filter));
          this.#open.add(stream);
          this.#silence ??= this.#events.onNews(() => this.#pumpSoon());
          stream.pump();
          return stream.messages;
        };
      });
    } finally {
      if (stream) this.#open.delete(stream);
      if (this.#open.size === 0) {
        this.#silence?.();
        this.#silence = undefined;
      }
    }
  }

  /** At once when nothing came for a while, so that a single event is not held up. */
  #pumpSoon(): void {
    this.#pumping ??= setTimeout(
      () => void this.#pumpAll(),
      Math.max(0, GATHER_MS - (performance.now() - this.#pumpedAt)),
    ).unref();
  }

  async #pumpAll(): Promise<void> {
    this.#pumpedAt = performance.now();
    this.#pumping = undefined;
    let pumped = 0;
    for (const stream of [...this.#open]) {
      stream.pump();
      pumped += 1;
      if (pumped % PUMPED_AT_ONCE === 0) await new Promise(setImmediate);
    }
  }
}
