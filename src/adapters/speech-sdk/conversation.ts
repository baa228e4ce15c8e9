import type { Evidence } from "../../domain/index.ts";
import { WireTap } from "./wire-tap.ts";

/** One question to the SDK, asked with an object of its own. */
export interface Conversation<T> {
  /** Settles when the SDK calls back, which it need not ever do. */
  readonly result: Promise<T>;
  /** Starts to close the SDK's object and calls back when it is closed, which it need not do either. */
  close(done: () => void): void;
}

export interface Ending<T> {
  /** Undefined when the SDK gave none. */
  readonly result: T | undefined;
  readonly evidence: Evidence;
}

/** How long the SDK may take to tell about a connection that has ended, in milliseconds. */
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
    // After a failure the SDK's close would wait for what is never to come.
    if (ending.result === undefined) tap.cut();
    const closed = new Promise<void>((resolve) => conversation.close(resolve));
    if (ending.result !== undefined)
      await Promise.race([closed, alarm.after(CLOSE_MS), alarm.at(deadlineAt)]);
    return ending;
  } finally {
    tap.cut();
    alarm.stop();
  }
}

async function answered<T>({ result }: Conversation<T>, tap: WireTap): Promise<Ending<T>> {
  try {
    return { result: await result, evidence: tap.evidence };
  } catch {
    // The SDK rejects for nothing that a service or a network does; its text may quote the request.
    return { result: undefined, evidence: { ...tap.evidence, local: "broken_client" } };
  }
}

function unanswered({ evidence }: WireTap): Ending<never> {
  const timedOut = evidence.httpStatus === 101 ? "answering" : "connecting";
  return { result: undefined, evidence: { ...evidence, timedOut } };
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
