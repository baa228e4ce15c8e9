import type { HandedOutKey } from "./api-answers.ts";
import { followStream, type StreamSource } from "./follow-stream.ts";

/** What is known of the pool's current key. */
export type FollowedState =
  /** Nothing has been heard yet. */
  | { readonly status: "connecting" }
  | { readonly status: "key"; readonly key: HandedOutKey }
  /** Every key rests, until `availableAt` (ISO 8601), or there is none that comes back by itself: null. */
  | { readonly status: "none"; readonly availableAt: string | null }
  /** It is not followed any more: it was closed, or the server has refused for good, or never been found there. */
  | { readonly status: "ended"; readonly error: unknown };

export interface FollowOptions {
  /** Changes the key after so many seconds also when it still works, 1 to 86,400. Default: keeps it. */
  readonly rotateSeconds?: number;
  /** Ends it, as `close` does. */
  readonly signal?: AbortSignal;
  /** Told of each new state. */
  readonly onChange?: (state: FollowedState) => void;
}

/** What `close` leaves behind. */
class Closed extends Error {
  override readonly name = "AbortError";
}

/**
 * Always has the current key of a pool at hand: the server tells of the next one when the current one rests or leaves.
 * While the server is away the last key stays, and the connection is made again.
 */
export class FollowedKey implements AsyncIterable<FollowedState> {
  readonly #ending = new AbortController();
  readonly #onChange: ((state: FollowedState) => void) | undefined;
  #state: FollowedState = { status: "connecting" };
  #changed = Promise.withResolvers<void>();

  constructor(source: StreamSource, { onChange, signal }: FollowOptions) {
    this.#onChange = onChange;
    if (signal?.aborted) this.#ending.abort(signal.reason);
    signal?.addEventListener("abort", () => this.#ending.abort(signal.reason), {
      once: true,
      signal: this.#ending.signal,
    });
    void this.#follow(source);
  }

  get state(): FollowedState {
    return this.#state;
  }

  /** The key to use now; undefined while there is none. */
  get current(): HandedOutKey | undefined {
    return this.#state.status === "key" ? this.#state.key : undefined;
  }

  /**
   * The key to use now; while there is none it waits for one. Rejects with the reason of `signal`, with what the server
   * refused for good or somebody else answers at its address (`ApiError`), and with an `AbortError` once it is closed.
   */
  async key(signal?: AbortSignal): Promise<HandedOutKey> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#state.status === "key") return this.#state.key;
      if (this.#state.status === "ended") throw this.#state.error;
      await orAborted(this.#changed.promise, signal);
    }
  }

  /** The state as it is, then as it changes; one that nobody has read in time is passed over. */
  async *[Symbol.asyncIterator](): AsyncGenerator<FollowedState, void> {
    let told: FollowedState | undefined;
    for (;;) {
      if (told !== this.#state) {
        told = this.#state;
        yield told;
      } else if (told.status === "ended") return;
      else await this.#changed.promise;
    }
  }

  /** Ends it; whoever waits for a key is told. */
  close(): void {
    this.#ending.abort(new Closed("The key is not followed any more"));
  }

  async #follow(source: StreamSource): Promise<void> {
    const { signal } = this.#ending;
    try {
      for await (const item of followStream(source, undefined, signal)) {
        if (item.kind !== "message") continue;
        const { event, data } = item.message;
        if (event === "key") this.#become({ status: "key", key: data as HandedOutKey });
        if (event === "none") this.#become({ status: "none", ...(data as { availableAt: string | null }) });
      }
      this.#become({ status: "ended", error: signal.reason });
    } catch (error) {
      this.#become({ status: "ended", error: signal.aborted ? signal.reason : error });
    }
    this.#ending.abort();
  }

  #become(state: FollowedState): void {
    this.#state = state;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
    // What it throws is not ours to catch, and must not end this.
    queueMicrotask(() => this.#onChange?.(state));
  }
}

async function orAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return promise;
  const aborted = Promise.withResolvers<void>();
  const onAbort = () => aborted.resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  await Promise.race([promise, aborted.promise]);
  signal.removeEventListener("abort", onAbort);
}
