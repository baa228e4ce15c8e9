import { signal } from "@preact/signals";
import type { PoolEventMessage } from "./answers.ts";
import { authorization } from "./api.ts";
import { refusals } from "./token.ts";

/** What the server tells, and `tick` for anything that may have happened where it tells nothing. */
export type LiveEvent =
  | {
      [M in PoolEventMessage as M["event"]]: { readonly kind: M["event"]; readonly data: M["data"] };
    }[PoolEventMessage["event"]]
  | { readonly kind: "reset" | "tick" };

export type LiveKind = LiveEvent["kind"];

/** Whether changes come by themselves, or are asked for every few seconds. */
export const connection = signal<"live" | "polling">("polling");

const POLL_MS = 3_000;
/** The server says something every 15 seconds; a proxy that keeps it to itself is no stream. */
const SILENCE_MS = 35_000;
const RETRY_MS = 1_000;
const NO_STREAM_RETRY_MS = 60_000;

const listeners = new Set<(event: LiveEvent) => void>();

export function listen(listener: (event: LiveEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Follows what happens until the signal is aborted. */
export function followEvents(signal: AbortSignal): void {
  let heardAt = Number.NEGATIVE_INFINITY;
  const hear = () => {
    heardAt = performance.now();
    connection.value = "live";
  };
  const timer = setInterval(() => {
    if (performance.now() - heardAt < SILENCE_MS) return;
    connection.value = "polling";
    announce({ kind: "tick" });
  }, POLL_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  void keepReading(signal, hear, () => {
    heardAt = Number.NEGATIVE_INFINITY;
  });
}

async function keepReading(signal: AbortSignal, hear: () => void, lose: () => void): Promise<void> {
  let last = "";
  while (!signal.aborted) {
    let pause = RETRY_MS;
    try {
      const headers = {
        ...authorization(),
        accept: "text/event-stream",
        ...(last && { "last-event-id": last }),
      };
      const response = await fetch("/api/events", { headers, signal });
      if (response.status === 401) refusals.value++;
      if (response.ok && response.body) {
        hear();
        for await (const { id, kind, data } of eventsIn(response.body, hear)) {
          last = id || last;
          announce({ kind, data } as LiveEvent);
        }
      } else pause = NO_STREAM_RETRY_MS;
    } catch {
      // The connection broke; what was missed comes after the next one is made.
    }
    lose();
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

interface ServerSentEvent {
  readonly id: string;
  readonly kind: string;
  readonly data: unknown;
}

async function* eventsIn(
  body: ReadableStream<Uint8Array>,
  hear: () => void,
): AsyncGenerator<ServerSentEvent> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    hear();
    text += value;
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event) yield event;
    }
  }
}

/** Undefined for a comment. */
export function parseEvent(block: string): ServerSentEvent | undefined {
  const fields = new Map(
    block.split(/\r?\n/).map((line) => {
      const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      return [name, value] as const;
    }),
  );
  const kind = fields.get("event");
  if (kind === undefined) return undefined;
  return { id: fields.get("id") ?? "", kind, data: JSON.parse(fields.get("data") || "null") };
}

function announce(event: LiveEvent): void {
  for (const listener of listeners) listener(event);
}
