import type { Scheduler } from "../../domain/index.ts";
import { beginningOf } from "./beginning-of.ts";

export interface DeliveryOptions {
  /** A secret: whoever has it can post. */
  readonly url: string;
  readonly scheduler: Scheduler;
  /** What is wrong with an answer of a status that says all is well; undefined when nothing is. */
  readonly faultIn: (answer: string) => string | undefined;
  /** Called when messages begin to be lost, with a reason that holds no secret, and when they no longer are. */
  readonly onState: (fault: string | undefined) => void;
}

const TIMEOUT_MS = 10_000;
/** Before each further attempt. */
const PAUSES_MS = [1_000, 5_000, 25_000];
const MOST_WAITING = 100;
const MOST_OF_ANSWER_BYTES = 4_096;
/** Worth trying again although the request is to blame. */
const PASSING = new Set([408, 429]);

interface Fault {
  readonly reason: string;
  readonly isFinal: boolean;
}

/** Posts messages one after the other, each a few times if need be. Nobody waits for it and nothing is thrown. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #waiting: object[] = [];
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #isFailing = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  post(message: object): void {
    if (this.#closing.signal.aborted) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#note(`${MOST_WAITING} messages wait already`);
    } else {
      this.#waiting.push(message);
      this.#running ??= this.#run();
    }
  }

  /** Drops what waits. */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let message = this.#waiting.shift(); message; message = this.#waiting.shift()) {
      const fault = await this.#deliver(JSON.stringify(message));
      if (this.#closing.signal.aborted) break;
      // While others wait, another may be lost at any moment: that it is well again is told once.
      if (fault !== undefined || this.#waiting.length === 0) this.#note(fault);
    }
    this.#running = undefined;
  }

  #note(fault: string | undefined): void {
    const isFailing = fault !== undefined;
    if (isFailing === this.#isFailing) return;
    this.#isFailing = isFailing;
    this.#options.onState(fault);
  }

  /** Why it could not be delivered. */
  async #deliver(body: string): Promise<string | undefined> {
    for (let attempt = 0; ; attempt++) {
      const fault = await this.#attempt(body);
      const pauseMs = PAUSES_MS[attempt];
      if (!fault || fault.isFinal || pauseMs === undefined) return fault?.reason;
      if (!this.#closing.signal.aborted) await this.#pause(pauseMs);
      if (this.#closing.signal.aborted) return fault.reason;
    }
  }

  async #attempt(body: string): Promise<Fault | undefined> {
    const { url, scheduler, faultIn } = this.#options;
    const late = new AbortController();
    const callOff = scheduler.after(TIMEOUT_MS, () => late.abort());
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        // Where it leads nobody has said that it may be told.
        redirect: "manual",
        signal: AbortSignal.any([late.signal, this.#closing.signal]),
      });
      const answer = await beginningOf(response, MOST_OF_ANSWER_BYTES);
      const { status, ok } = response;
      if (!ok) return { reason: `HTTP ${status}`, isFinal: status < 500 && !PASSING.has(status) };
      const reason = faultIn(answer);
      return reason === undefined ? undefined : { reason, isFinal: false };
    } catch (error) {
      if (late.signal.aborted) return { reason: `no answer within ${TIMEOUT_MS} ms`, isFinal: false };
      return { reason: networkReason(error), isFinal: false };
    } finally {
      callOff();
    }
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#closing;
    return new Promise((resolve) => {
      const end = () => {
        callOff();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const callOff = this.#options.scheduler.after(ms, end);
      signal.addEventListener("abort", end);
    });
  }
}

/** Only the code: messages of the network name the host, or the whole URL. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined;
  return typeof cause?.code === "string" ? cause.code : "it cannot be reached";
}
