import type { EventFilter, KeyPool } from "../../../application/index.ts";
import { DomainError } from "../../../domain/index.ts";
import { closingOf } from "../server/closing.ts";
import { hangUpOf, whenAnswered } from "../server/hang-up.ts";
import type { RequestContext } from "../server/request-context.ts";
import { setSecurityHeaders } from "../server/security-headers.ts";
import { EventFrames, named } from "./event-frames.ts";
import { EventStream } from "./event-stream.ts";

export interface EventStreamOptions {
  /** Streams at a time; more are refused. Default: 1,000. */
  readonly most?: number;
  /** Of these, streams of one token. Default: 750. */
  readonly mostOfOneToken?: number;
  /** The pause between two comments that keep a connection in use, in milliseconds. Default: 15,000. */
  readonly heartbeatMs?: number;
  /** How often it is asked whether callers still may, in milliseconds. Default: 500. */
  readonly checkMs?: number;
}

const DEFAULTS: Required<EventStreamOptions> = {
  most: 1_000,
  mostOfOneToken: 750,
  heartbeatMs: 15_000,
  checkMs: 500,
};

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
  readonly #options: Required<EventStreamOptions>;
  readonly #frames = new EventFrames();
  readonly #open = new Map<EventStream, RequestContext>();
  readonly #places = new Map<string | null, number>();
  readonly #closings = new WeakSet<AbortSignal>();
  #taken = 0;
  #silence: (() => void) | undefined;
  #watch: NodeJS.Timeout | undefined;
  #beatenAt = 0;
  #pumping: NodeJS.Timeout | undefined;
  #pumpedAt = 0;

  constructor(events: NonNullable<KeyPool["events"]>, options: EventStreamOptions = {}) {
    this.#events = events;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Streams what is asked for; resolves when that has ended. Throws `busy`, and what the guard does. */
  async serve(ctx: RequestContext, { filter, after }: AskedEvents): Promise<void> {
    const token = ctx.state.caller?.id ?? null;
    this.#takePlace(token);
    try {
      const reader = await this.#events.open({ after });
      // Meanwhile the token may have been revoked.
      checkAgain(ctx);
      begin(ctx);
      ctx.state.ended = "hung_up";
      if (hangUpOf(ctx).aborted) return;
      const stream = new EventStream(ctx.res, reader, this.#frames, named(filter));
      this.#add(stream, ctx);
      stream.pump();
      await new Promise<void>((resolve) => whenAnswered(ctx, resolve));
      if (stream.end !== undefined) ctx.state.ended = stream.end;
      this.#remove(stream);
    } finally {
      this.#givePlaceBack(token);
    }
  }

  #takePlace(token: string | null): void {
    const { most, mostOfOneToken } = this.#options;
    const own = this.#places.get(token) ?? 0;
    // While no token is needed, callers are not told apart.
    if (this.#taken >= most || (token !== null && own >= mostOfOneToken)) {
      throw new DomainError("busy", "Too many streams of events are open, try again later");
    }
    this.#taken += 1;
    this.#places.set(token, own + 1);
  }

  #givePlaceBack(token: string | null): void {
    const own = (this.#places.get(token) ?? 0) - 1;
    this.#taken -= 1;
    if (own > 0) this.#places.set(token, own);
    else this.#places.delete(token);
  }

  #add(stream: EventStream, ctx: RequestContext): void {
    this.#open.set(stream, ctx);
    this.#silence ??= this.#events.onNews(() => this.#pumpSoon());
    this.#watch ??= setInterval(() => this.#look(), this.#options.checkMs).unref();
    const closing = closingOf(ctx);
    if (closing?.aborted) stream.close("stopping");
    if (closing === undefined || this.#closings.has(closing)) return;
    this.#closings.add(closing);
    closing.addEventListener("abort", () => {
      for (const [open, asked] of this.#open) if (closingOf(asked) === closing) open.close("stopping");
    });
  }

  #remove(stream: EventStream): void {
    this.#open.delete(stream);
    if (this.#open.size > 0) return;
    this.#silence?.();
    this.#silence = undefined;
    clearInterval(this.#watch);
    this.#watch = undefined;
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
    for (const stream of [...this.#open.keys()]) {
      stream.pump();
      pumped += 1;
      if (pumped % PUMPED_AT_ONCE === 0) await new Promise(setImmediate);
    }
  }

  #look(): void {
    const now = performance.now();
    const isTime = now - this.#beatenAt >= this.#options.heartbeatMs;
    if (isTime) this.#beatenAt = now;
    for (const [stream, ctx] of this.#open) {
      if (!mayStill(ctx)) stream.close("not_allowed");
      else if (isTime) stream.beat();
    }
  }
}

/** Throws as the guard does. */
function checkAgain({ state: { recheck } }: RequestContext): void {
  if (recheck === undefined) throw new Error("Whether a caller still may cannot be asked");
  recheck();
}

function mayStill(ctx: RequestContext): boolean {
  try {
    checkAgain(ctx);
    return true;
  } catch {
    return false;
  }
}

/** From here on it is answered past Koa, which sends a whole answer. */
function begin(ctx: RequestContext): void {
  ctx.status = 200;
  ctx.type = "text/event-stream";
  ctx.set("X-Request-Id", ctx.state.requestId);
  // A proxy that gathers answers would hold events back.
  ctx.set("X-Accel-Buffering", "no");
  setSecurityHeaders(ctx);
  ctx.respond = false;
  ctx.state.begunAt = performance.now();
}
