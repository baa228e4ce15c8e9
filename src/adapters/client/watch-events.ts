import type { EndMessage, PoolEventMessage, ResetMessage } from "../http/events/event-answers.ts";
import { followStream, type StreamSource } from "./follow-stream.ts";

/** An event, or that some are missing: what was made of those before has to be read again. */
export type WatchedEvent = PoolEventMessage | ResetMessage;

/**
 * Events for as long as they are iterated and `signal` is not aborted; a connection that is lost is made again. Throws
 * what the first connection throws, and later what will not pass by itself, such as `unauthorized`.
 */
export async function* watchEvents(
  source: StreamSource & { opened(): void },
  lastId: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchedEvent, void> {
  let wasOpen = false;
  for await (const item of followStream(source, lastId, signal)) {
    if (item.kind === "opened") {
      // What happened meanwhile is not known where there is no place to go on from.
      if (wasOpen && !item.goesOn) yield { event: "reset", id: "", data: {} };
      wasOpen = true;
      source.opened();
    } else {
      const message = item.message as PoolEventMessage | ResetMessage | EndMessage;
      if (message.event !== "end") yield message;
    }
  }
}
