import { placeName, type Scheduler, type WholePool } from "../../domain/index.ts";
import type { KeyLease, NoLease } from "../keyring/leasing.ts";

/** Waits at most so long before it is asked again, should the word of a return be lost. */
const LONGEST_PAUSE_MS = 1_000;
/** Beyond this many, nobody else may wait. */
const MOST_WAITING = 10_000;

/** Asks for a key. Whoever has gone meanwhile does not keep what it got. */
export interface Attempt {
  ask(): Promise<KeyLease>;
  giveBack(lease: Extract<KeyLease, { status: "leased" }>): void;
}

/** Callers that want a key of one pool and tag, in the order in which they came. */
interface Line {
  readonly place: WholePool;
  readonly callers: CallerQueue;
  /** What the first of them was told last. */
  last: NoLease;
  isAsking: boolean;
  /** There has been room since the question that is under way was asked. */
  isToAskAgain: boolean;
  cancelPause: () => void;
}

interface Caller {
  readonly attempt: Attempt;
  hasLeft: boolean;
  answer(lease: KeyLease): void;
  fail(error: unknown): void;
}

/** Callers first in first out; those who leave are passed over later, so that nothing costs more with many. */
class CallerQueue {
  #callers: Caller[] = [];
  #start = 0;
  size = 0;

  get first(): Caller | undefined {
    while (this.#callers[this.#start]?.hasLeft) this.#start++;
    if (2 * this.#start > this.#callers.length) {
      this.#callers = this.#callers.slice(this.#start);
      this.#start = 0;
    }
    return this.#callers[this.#start];
  }

  push(caller: Caller): void {
    this.#callers.push(caller);
    this.size++;
  }

  leave(caller: Caller): boolean {
    if (caller.hasLeft) return false;
    caller.hasLeft = true;
    this.size--;
    return true;
  }

  all(): readonly Caller[] {
    return this.#callers.filter(({ hasLeft }) => !hasLeft);
  }
}

/**
 * Those who wait for a lease in this process. Of each line only the first asks, when there is room, when a lease has run
 * out, and once a second; so that a thousand who wait cost as much as one.
 */
export class WaitingCallers {
  readonly #scheduler: Scheduler;
  readonly #lines = new Map<string, Map<string, Line>>();
  #count = 0;
  #isStopped = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get count(): number {
    return this.#count;
  }

  /** What those who wait there have been told last; undefined when nobody waits. */
  lastOf(place: WholePool, line: string): NoLease | undefined {
    return this.#lines.get(placeName(place))?.get(line)?.last;
  }

  /**
   * Waits in line, after having been told `last`. Answers a lease, or after `waitMs` or at the stop why there is none.
   * Rejects with the signal's reason, or what the attempt throws.
   */
  wait(
    { place, line: name }: { readonly place: WholePool; readonly line: string },
    attempt: Attempt,
    last: NoLease,
    waitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<KeyLease> {
    if (this.#isStopped || this.#count >= MOST_WAITING) return Promise.resolve(last);
    return new Promise((resolve, reject) => {
      const line = this.#lineOf(place, name, last);
      const leave = () => {
        cancel();
        signal?.removeEventListener("abort", onAbort);
        if (line.callers.leave(caller)) this.#count--;
        if (line.callers.size === 0) this.#end(line, name);
      };
      const caller: Caller = {
        attempt,
        hasLeft: false,
        answer: (answer) => {
          leave();
          resolve(answer);
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = () => caller.fail(signal?.reason);
      const cancel = this.#scheduler.after(waitMs, () => caller.answer(line.last));
      line.callers.push(caller);
      this.#count++;
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort);
      if (line.callers.size === 1 && !line.isAsking) this.#pause(line);
    });
  }

  /** Somebody may have room there now. */
  room(place: WholePool): void {
    for (const line of this.#lines.get(placeName(place))?.values() ?? []) void this.#serve(line);
  }

  /** Nobody waits any longer. */
  stop(): void {
    this.#isStopped = true;
    const lines = [...this.#lines.values()].flatMap((lines) => [...lines.values()]);
    for (const line of lines) for (const caller of line.callers.all()) caller.answer(line.last);
  }

  async #serve(line: Line): Promise<void> {
    line.isToAskAgain = true;
    if (line.isAsking) return;
    line.isAsking = true;
    line.cancelPause();
    while (line.isToAskAgain) {
      const caller = line.callers.first;
      if (!caller) break;
      line.isToAskAgain = false;
      try {
        const answer = await caller.attempt.ask();
        const isHere = !caller.hasLeft;
        if (answer.status === "leased") {
          // There may be more room than for one.
          line.isToAskAgain = true;
          if (isHere) caller.answer(answer);
          else caller.attempt.giveBack(answer);
        } else {
          line.last = answer;
          if (answer.status === "no-key" && isHere) caller.answer(answer);
          if (!isHere || answer.status === "no-key") line.isToAskAgain = true;
        }
      } catch (error) {
        line.isToAskAgain = true;
        if (!caller.hasLeft) caller.fail(error);
      }
    }
    line.isAsking = false;
    if (line.callers.size > 0) this.#pause(line);
  }

  #pause(line: Line): void {
    const { last } = line;
    const ms = last.status === "no-key" ? LONGEST_PAUSE_MS : last.until - last.at;
    const pause = Math.min(Math.max(ms, 1), LONGEST_PAUSE_MS);
    line.cancelPause = this.#scheduler.after(pause, () => void this.#serve(line));
  }

  #lineOf(place: WholePool, name: string, last: NoLease): Line {
    let lines = this.#lines.get(placeName(place));
    if (!lines) {
      lines = new Map();
      this.#lines.set(placeName(place), lines);
    }
    let line = lines.get(name);
    if (!line) {
      line = {
        ...{ place, last, callers: new CallerQueue() },
        ...{ isAsking: false, isToAskAgain: false, cancelPause: () => {} },
      };
      lines.set(name, line);
    }
    return line;
  }

  #end(line: Line, name: string): void {
    line.cancelPause();
    const lines = this.#lines.get(placeName(line.place));
    if (lines?.get(name) === line) lines.delete(name);
    if (lines?.size === 0) this.#lines.delete(placeName(line.place));
  }
}
