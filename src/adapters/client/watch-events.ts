import type { PoolEventMessage, ResetMessage } from "../http/events/event-answers.ts";
import { ApiError } from "./api-error.ts";
import { EventMessages } from "./event-messages.ts";

/** An event, or that some are missing: what was made of those before has to be read again. */
export type WatchedEvent = PoolEventMessage | ResetMessage;

interface EventSource {
  /** Pieces of the stream behind this event. Throws `ApiError`. */
  open(lastId: string | undefined, signal: AbortSignal): Promise<AsyncIterable<string>>;
  opened(): void;
  wait(ms: number): Promise<void>;
  /** How long the stream may be silent; it has a comment every 15 seconds. */
  readonly silenceMs: number;
}

/**
 * Events for as long as they are iterated and `signal` is not aborted; a connection that is lost is made again. Throws
 * what the first connection throws, and later what will not pass by itself, such as `unauthorized`.
 */
export async function* watchEvents(
  { open, opened, wait, silenceMs }: EventSource,
  lastId: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchedEvent, void> {
  const messages = new EventMessages(lastId);
  let wasOpen = false;
  while (!signal?.aborted) {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), silenceMs);
    try {
      const over = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
      messages.begin();
      const pieces = await open(messages.lastId, over);
      // What happened meanwhile is not known where there is no place to go on from.
      if (wasOpen && messages.lastId === undefined) yield { event: "reset", id: "", data: {} };
      wasOpen = true;
      opened();
      for await (const piece of pieces) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), silenceMs);
        for (const message of messages.take(piece)) if (message.event !== "end") yield message;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!wasOpen || !(error instanceof ApiError && error.isPassing)) throw error;
    } finally {
      clearTimeout(timer);
      // Ends the connection when it is not iterated to its end.
      silence.abort();
    }
    if (!signal?.aborted) await wait(messages.retryMs);
  }
}
