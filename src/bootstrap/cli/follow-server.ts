import { ApiError, type EventChoice, type WatchedEvent } from "../../adapters/client/index.ts";
import { Bell } from "./bell.ts";
import type { Invocation } from "./invocation.ts";
import { untilInterrupted } from "./output/until-interrupted.ts";

export interface Followed {
  readonly events: Pick<EventChoice, "service" | "region" | "kinds">;
  /** Which of them are worth a look. Default: all. */
  readonly concerns?: (event: WatchedEvent) => boolean;
  /** How often to look where the server tells no events, in milliseconds. */
  readonly pollMs: number;
  /** The longest pause beside events, in milliseconds: not all that shows is one. */
  readonly besideMs: number;
  /** Looks, and answers in how many milliseconds to look again at the latest. Throws `ApiError`. */
  look(): Promise<number | undefined>;
}

/** Events that come one after the other are one look. */
const TOGETHER_MS = 100;
const RETRY_MS = 1_000;

/**
 * Looks whenever the server tells that something has happened, until Ctrl-C. One that has no events, as 0.1.0, is asked
 * every `pollMs`; one that goes away later is waited for. Throws what the first look throws, and then what will not pass
 * by itself.
 */
export function followServer(invocation: Invocation, followed: Followed): Promise<void> {
  return untilInterrupted(async (over) => {
    const bell = new Bell();
    const news = new ServerNews(invocation, followed, bell, over);
    let hasLooked = false;
    let isLost = false;
    // Not before the events are there, or what happens in between would be missed.
    await bell.heard(followed.besideMs, over);
    while (!over.aborted) {
      if (news.fault !== undefined) throw news.fault;
      let latestMs: number | undefined = RETRY_MS;
      try {
        latestMs = await followed.look();
        [hasLooked, isLost] = [true, false];
      } catch (error) {
        if (!hasLooked || !isPassing(error)) throw error;
        if (!isLost) invocation.remark(`${invocation.url} does not answer, trying again`);
        isLost = true;
      }
      await bell.heard(Math.min(news.pauseMs, latestMs ?? news.pauseMs), over);
      await new Bell().heard(TOGETHER_MS, over);
    }
  });
}

/** Rings for what the server tells, and when that becomes another. */
class ServerNews {
  /** How long one may go without a look. */
  pauseMs: number;
  /** Why nothing more will be told. */
  fault: unknown;

  constructor(invocation: Invocation, followed: Followed, bell: Bell, over: AbortSignal) {
    this.pauseMs = followed.besideMs;
    this.#listen(invocation, followed, bell, over).then(bell.ring, (error: unknown) => {
      if (error instanceof ApiError && error.httpStatus === 404) this.pauseMs = followed.pollMs;
      else this.fault = error;
      bell.ring();
    });
  }

  async #listen(
    { pool }: Invocation,
    { events, concerns = () => true }: Followed,
    bell: Bell,
    over: AbortSignal,
  ): Promise<void> {
    while (!over.aborted) {
      try {
        for await (const event of pool.watch({ ...events, onOpen: bell.ring, signal: over }))
          if (event.event === "reset" || concerns(event)) bell.ring();
      } catch (error) {
        // The client comes back by itself once it was there; whether it is the server that is away, a look tells.
        if (!isPassing(error)) throw error;
        bell.ring();
        await new Bell().heard(RETRY_MS, over);
      }
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof ApiError && error.isPassing;
}
