import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { DomainError } from "../../../domain/index.ts";
import { closingOf } from "./closing.ts";
import { hangUpOf, whenAnswered } from "./hang-up.ts";
import type { MessageStream } from "./message-stream.ts";
import type { RequestContext } from "./request-context.ts";
import { setSecurityHeaders } from "./security-headers.ts";

export const EVENT_STREAM = "text/event-stream";

export interface StreamOptions {
  /** Streams at a time; more are refused. */
  readonly most?: number;
  /** Of these, streams of one token. */
  readonly mostOfOneToken?: number;
  /** The pause between two comments that keep a connection in use, in milliseconds. Default: 15,000. */
  readonly heartbeatMs?: number;
  /** How often it is asked whether callers still may, in milliseconds. Default: 500. */
  readonly checkMs?: number;
}

type Places = Required<Pick<StreamOptions, "most" | "mostOfOneToken">>;

/** Streams that are written to before anything else may run. */
const BEATEN_AT_ONCE = 50;

const DEFAULTS = { heartbeatMs: 15_000, checkMs: 500 };

/** Connections that carry a stream, of whatever kind. */
const carrying = new WeakSet<Socket>();

/** The streams of one kind that are open: how many there may be, heartbeats, whether their callers still may, their end. */
export class OpenStreams {
  readonly #options: Required<StreamOptions>;
  readonly #open = new Map<MessageStream, RequestContext>();
  /** Of each token that has any, or of all callers without one. */
  readonly #byToken = new Map<string | null, Set<MessageStream>>();
  readonly #places = new Map<string | null, number>();
  readonly #closings = new WeakSet<AbortSignal>();
  #taken = 0;
  #watch: NodeJS.Timeout | undefined;
  #beatenAt = 0;

  constructor(places: Places, options: StreamOptions = {}) {
    this.#options = { ...DEFAULTS, ...places, ...options };
  }

  /**
   * Streams to the caller; resolves when that has ended. `prepare` may refuse, as long as nothing has been sent, and
   * answers what begins the stream. Throws `busy`, and what the guard does.
   */
  async serve(
    ctx: RequestContext,
    prepare: () => Promise<(res: ServerResponse) => MessageStream>,
  ): Promise<void> {
    const token = ctx.state.caller?.id ?? null;
    const { socket } = ctx.req;
    // What is asked for behind a stream, down a pipeline, would be had by nobody.
    if (carrying.has(socket)) throw new DomainError("busy", "This connection carries a stream already");
    this.#takePlace(token);
    carrying.add(socket);
    try {
      const start = await prepare();
      // Meanwhile the token may have been revoked.
      checkAgain(ctx);
      begin(ctx);
      ctx.state.ended = "hung_up";
      if (hangUpOf(ctx).aborted) return;
      const stream = start(ctx.res);
      this.#add(stream, ctx, token);
      await new Promise<void>((resolve) => whenAnswered(ctx, resolve));
      if (stream.end !== undefined) ctx.state.ended = stream.end;
      this.#remove(stream, token);
    } finally {
      carrying.delete(socket);
      this.#givePlaceBack(token);
    }
  }

  #takePlace(token: string | null): void {
    const { most, mostOfOneToken } = this.#options;
    const own = this.#places.get(token) ?? 0;
    // While no token is needed, callers are not told apart.
    if (this.#taken >= most || (token !== null && own >= mostOfOneToken)) {
      throw new DomainError("busy", "Too many streams are open, try again later");
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

  #add(stream: MessageStream, ctx: RequestContext, token: string | null): void {
    this.#open.set(stream, ctx);
    const own = this.#byToken.get(token);
    if (own) own.add(stream);
    else this.#byToken.set(token, new Set([stream]));
    this.#watch ??= setInterval(() => this.#look(), this.#options.checkMs).unref();
    const closing = closingOf(ctx);
    if (closing?.aborted) stream.close("stopping");
    if (closing === undefined || this.#closings.has(closing)) return;
    this.#closings.add(closing);
    closing.addEventListener("abort", () => {
      for (const [open, asked] of this.#open) if (closingOf(asked) === closing) open.close("stopping");
    });
  }

  #remove(stream: MessageStream, token: string | null): void {
    this.#open.delete(stream);
    const own = this.#byToken.get(token);
    own?.delete(stream);
    if (own?.size === 0) this.#byToken.delete(token);
    if (this.#open.size > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #look(): void {
    this.#endNotAllowed();
    const now = performance.now();
    if (now - this.#beatenAt < this.#options.heartbeatMs) return;
    this.#beatenAt = now;
    void this.#beat();
  }

  /**
   * What changes while a stream is open changes for its token as a whole, so that one of a token's streams is asked for,
   * and the others only when that may not go on.
   */
  #endNotAllowed(): void {
    for (const streams of this.#byToken.values()) {
      for (const stream of streams) {
        const ctx = this.#open.get(stream);
        if (ctx === undefined || mayStill(ctx)) break;
        stream.close("not_allowed");
      }
    }
  }

  async #beat(): Promise<void> {
    let beaten = 0;
    for (const stream of [...this.#open.keys()]) {
      stream.beat();
      beaten += 1;
      if (beaten % BEATEN_AT_ONCE === 0) await new Promise(setImmediate);
    }
  }
}

/** Throws as the guard does. */
function checkAgain({ state: { recheck } }: RequestContext): void {
  if (recheck === undefined) throw new Error("Whether a caller still may cannot be asked");
  recheck();
}

/** Whether the guard would let the caller in again. */
export function mayStill(ctx: RequestContext): boolean {
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
  ctx.type = EVENT_STREAM;
  ctx.set("X-Request-Id", ctx.state.requestId);
  // A proxy that gathers answers would hold messages back.
  ctx.set("X-Accel-Buffering", "no");
  setSecurityHeaders(ctx);
  ctx.respond = false;
  ctx.state.begunAt = performance.now();
}

/** To HEAD: that there would be a stream. */
export function describeStream(ctx: RequestContext): void {
  ctx.status = 200;
  ctx.type = EVENT_STREAM;
}
