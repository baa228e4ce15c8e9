import type { Clock, Scheduler } from "../../domain/index.ts";
import type { Watcher } from "./key-watch.ts";

/** What a watcher has got that asked for a key. */
export type KeyAnswer =
  | { readonly status: "key" }
  /** There is none for anybody in this line; the first is back in so many milliseconds, if any is. */
  | { readonly status: "none"; readonly availableAt: number | null; readonly inMs: number }
  /** None for him, whoever else gets one, until an instant. */
  | { readonly status: "barred"; readonly until: number }
  /** It could not be asked. */
  | { readonly status: "failed" };

type Without = Exclude<KeyAnswer, { readonly status: "key" }>;

interface Parts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Gets the watcher a key. Never rejects. */
  readonly get: (watcher: Watcher) => Promise<KeyAnswer>;
  /** Called when a watcher keeps the key that it was to change in time. */
  readonly onKept: (watcher: Watcher) => void;
}

/** Asked for at a time, once one of a line has got a key. */
const PORTION = 50;
/** A key that is known to come may take its seat a little later; after so many milliseconds each it is asked for again. */
const HOPEFUL_PAUSES_MS = [0, 10, 20, 40, 80, 160, 320, 640];
/** The longest pause before a key is asked for again, whatever time was promised. */
const LOOK_AGAIN_MS = 5_000;
const FAULT_PAUSE_MS = 1_000;
const STORM_PAUSE_MS = 10;

/**
 * Watchers who ask for the same: where there is no key for one of them, there is none for the others, so that a thousand
 * who wait cost what one costs.
 */
export class WatcherLine {
  readonly #parts: Parts;
  readonly #members = new Set<Watcher>();
  /** Those that are to get a key, another one or their first. */
  readonly #asking = new Set<Watcher>();
  /** Those that have been told that there is none. */
  readonly #waiting = new Set<Watcher>();
  #isServing = false;
  #pauses: readonly number[] = [];
  /** When it is worth asking again, as far as those who wait have been told. */
  #dueAt = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};
  /** The pause that is being made. */
  #pauseMs = Number.POSITIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  join(watcher: Watcher): void {
    this.#members.add(watcher);
  }

  leave(watcher: Watcher): void {
    this.#members.delete(watcher);
    this.#asking.delete(watcher);
    this.#waiting.delete(watcher);
    if (this.#waiting.size === 0) this.#rest();
  }

  /** Gets the watcher a key, or tells it that there is none. */
  ask(watcher: Watcher): void {
    this.#asking.add(watcher);
    this.#serveSoon();
  }

  /** The watcher has asked by itself, and has been told what it got. */
  wait(watcher: Watcher, got: Without): void {
    this.#noteNone(watcher, got);
    this.#plan();
  }

  /** The watcher has got a key. */
  served(watcher: Watcher): void {
    this.#asking.delete(watcher);
    this.#waiting.delete(watcher);
  }

  /** A key may have come: it is asked for, for those who wait. */
  stir(): void {
    if (this.#waiting.size === 0 && !this.#isServing) return;
    this.#pauses = HOPEFUL_PAUSES_MS;
    // In a storm of changes it is not asked for each.
    if (this.#pauseMs > STORM_PAUSE_MS) this.#plan();
  }

  /** In the next turn, so that those who lose one key are served together. */
  #serveSoon(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    this.#parts.scheduler.after(0, () => void this.#serve());
  }

  async #serve(): Promise<void> {
    for (let [first] = this.#asking; first; [first] = this.#asking) {
      // One ahead of the others: what there is not for him is not asked for again.
      const got = await this.#get(first);
      if (got.status === "none" || got.status === "failed") {
        for (const watcher of [...this.#asking]) this.#noteNone(watcher, got);
      } else {
        await Promise.all([...this.#asking].slice(0, PORTION).map((watcher) => this.#get(watcher)));
      }
    }
    this.#isServing = false;
    this.#plan();
  }

  async #get(watcher: Watcher): Promise<KeyAnswer> {
    this.#asking.delete(watcher);
    const got = await this.#parts.get(watcher);
    if (got.status !== "key") this.#noteNone(watcher, got);
    return got;
  }

  #noteNone(watcher: Watcher, got: Without): void {
    this.#asking.delete(watcher);
    if (watcher.isOver) return;
    // It was to change its key, which is as good as before.
    if (watcher.key !== undefined) {
      this.#parts.onKept(watcher);
      return;
    }
    this.#waiting.add(watcher);
    if (got.status === "barred") watcher.barredUntil = got.until;
    this.#dueAt = Math.min(this.#dueAt, this.#dueAfter(got));
    watcher.tell({ kind: "none", availableAt: availableAfter(got) });
  }

  #dueAfter(got: Without): number {
    if (got.status === "barred") return got.until;
    return this.#parts.clock.now() + (got.status === "failed" ? FAULT_PAUSE_MS : got.inMs);
  }

  #plan(): void {
    if (this.#isServing) return;
    this.#rest();
    if (this.#waiting.size === 0) {
      this.#pauses = [];
      return;
    }
    const [pause, ...further] = this.#pauses;
    this.#pauses = further;
    const ms = Math.min(pause ?? LOOK_AGAIN_MS, Math.max(1, this.#dueAt - this.#parts.clock.now()));
    this.#pauseMs = ms;
    this.#cancel = this.#parts.scheduler.after(ms, () => this.#askAgain());
  }

  #askAgain(): void {
    this.#pauseMs = Number.POSITIVE_INFINITY;
    this.#dueAt = Number.POSITIVE_INFINITY;
    const now = this.#parts.clock.now();
    for (const watcher of this.#waiting) {
      if (watcher.barredUntil <= now) this.#asking.add(watcher);
      else this.#dueAt = Math.min(this.#dueAt, watcher.barredUntil);
    }
    this.#serveSoon();
  }

  #rest(): void {
    this.#cancel();
    this.#pauseMs = Number.POSITIVE_INFINITY;
  }
}

function availableAfter(got: Without): number | null {
  if (got.status === "barred") return got.until;
  return got.status === "none" ? got.availableAt : null;
}
