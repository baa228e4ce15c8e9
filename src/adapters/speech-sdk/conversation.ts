import { type WireFacts, WireTap } from "./wire-tap.ts";

/** One question to the SDK, asked with a new object of the SDK. */
export interface Conversation<T> {
  /** Settles when the SDK calls back; it may never do so. */
  readonly result: Promise<T>;
  /** Starts to close the SDK's object and calls back when it is closed; it may never do so. */
  close(done: () => void): void;
}

/**
 * How a conversation ended: with a result of the SDK; without one while it connected or waited for an answer,
 * because its time was up or the service had hung up; or because the SDK itself failed.
 */
export type End = "result" | "connecting" | "answering" | "broken-client";

/** The end, and what was seen on the connection until then. */
export type Ending<T> = { readonly facts: WireFacts } & (
  | { readonly end: "result"; readonly result: T }
  | { readonly end: Exclude<End, "result">; readonly result?: undefined }
);

/** How long the SDK may take to report a connection that has ended, in milliseconds. */
const GRACE_MS = 100;

/** How long a polite close may take after a result, in milliseconds. */
const CLOSE_MS = 300;

/** Holds a conversation until `deadlineAt` (`performance.now()`) at the latest and leaves nothing open. */
export async function converse<T>(deadlineAt: number, open: () => Conversation<T>): Promise<Ending<T>> {
  const tap = new WireTap();
  const alarm = new Alarm();
  try {
    const conversation = tap.run(open);
    const ending = await Promise.race([
      answered(conversation, tap),
      tap.hungUp.then(() => alarm.after(GRACE_MS)).then(() => unanswered(tap)),
      alarm.at(deadlineAt).then(() => unanswered(tap)),
    ]);
    // After a failure the SDK's close would wait for ever.
    if (ending.end !== "result") tap.cut();
    const closed = new Promise<void>((resolve) => conversation.close(resolve));
    if (ending.end === "result") await Promise.race([closed, alarm.after(CLOSE_MS), alarm.at(deadlineAt)]);
    return ending;
  } finally {
    tap.cut();
    alarm.stop();
  }
}

async function answered<T>({ result }: Conversation<T>, tap: WireTap): Promise<Ending<T>> {
  try {
    const given = await result;
    return { end: "result", result: given, facts: tap.facts };
  } catch {
    // The SDK rejects for nothing that a service or a network does; its text may quote the request.
    return { end: "broken-client", facts: tap.facts };
  }
}

function unanswered({ facts }: WireTap): Ending<never> {
  const end = facts.httpStatus === 101 ? "answering" : "connecting";
  return { end, facts };
}

/** Timers that end together. */
class Alarm {
  readonly #timers: NodeJS.Timeout[] = [];

  at(instant: number): Promise<void> {
    return this.after(Math.max(0, instant - performance.now()));
  }

  after(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.push(setTimeout(resolve, delayMs));
    });
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
