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
  const open: StreamSource["open"] = (...asked) =>
    source.open(...asked).catch((error: unknown) => {
      throw wasOpen ? error : new FirstFault(error);
    });
  try {
    for await (const item of followStream({ ...source, open }, lastId, signal)) {
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
  } catch (error) {
    throw error instanceof FirstFault ? error.fault : error;
  }
}

/** Not an `ApiError`, so that nobody tries again. */
class FirstFault extends Error {
  readonly fault: unknown;

  constructor(fault: unknown) {
    super("The first connection failed");
    this.fault = fault;
  }
}
