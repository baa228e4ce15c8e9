import type { Clock } from "../../domain/index.ts";
import type { RequestKind } from "./route.ts";
import type { Quota } from "./scenario.ts";

export interface Demand {
  readonly kind: RequestKind;
  /** Characters of text in the request; 0 unless it is a translation. */
  readonly characters: number;
}

export type Admission =
  /** `leave` gives the place back when the request is over. */
  | { readonly admitted: true; leave(): void }
  | { readonly admitted: false; readonly retryAfterSeconds: number };

/** Counts one key's requests against a quota. */
export class QuotaMeter {
  readonly #clock: Clock;
  readonly #concurrentRecognitions: number;
  readonly #syntheses: readonly SlidingWindow[];
  readonly #characters: SlidingWindow;
  #recognitions = 0;

  constructor(quota: Quota, clock: Clock) {
    this.#clock = clock;
    this.#concurrentRecognitions = quota.concurrentRecognitions ?? Infinity;
    this.#syntheses = [
      new SlidingWindow(quota.synthesesPerMinute ?? Infinity, 60_000),
      new SlidingWindow(quota.synthesesPerSecond ?? Infinity, 1000),
    ];
    this.#characters = new SlidingWindow(quota.charactersPerMinute ?? Infinity, 60_000);
  }

  admit({ kind, characters }: Demand): Admission {
    switch (kind) {
      case "recognition":
      case "recognition-rest":
        return this.#admitRecognition();
      case "synthesis":
      case "synthesis-rest":
        return this.#admitInto(this.#syntheses, 1);
      case "translation":
        return this.#admitInto([this.#characters], characters);
      default:
        return { admitted: true, leave: () => {} };
    }
  }

  #admitRecognition(): Admission {
    if (this.#recognitions >= this.#concurrentRecognitions) return { admitted: false, retryAfterSeconds: 1 };
    this.#recognitions++;
    let inside = true;
    const leave = () => {
      if (inside) this.#recognitions--;
      inside = false;
    };
    return { admitted: true, leave };
  }

  #admitInto(windows: readonly SlidingWindow[], weight: number): Admission {
    const now = this.#clock.now();
    const waitMs = Math.max(...windows.map((window) => window.waitFor(weight, now)));
    if (waitMs > 0) return { admitted: false, retryAfterSeconds: Math.ceil(waitMs / 1000) };
    for (const window of windows) window.add(weight, now);
    return { admitted: true, leave: () => {} };
  }
}

class SlidingWindow {
  readonly #limit: number;
  readonly #lengthMs: number;
  #entries: { readonly at: number; readonly weight: number }[] = [];

  constructor(limit: number, lengthMs: number) {
    this.#limit = limit;
    this.#lengthMs = lengthMs;
  }

  /** Milliseconds until `weight` fits; 0 when it fits now. */
  waitFor(weight: number, now: number): number {
    this.#entries = this.#entries.filter(({ at }) => at + this.#lengthMs > now);
    let total = this.#entries.reduce((sum, entry) => sum + entry.weight, weight);
    if (total <= this.#limit) return 0;
    for (const { at, weight: passing } of this.#entries) {
      total -= passing;
      if (total <= this.#limit) return at + this.#lengthMs - now;
    }
    return this.#lengthMs;
  }

  add(weight: number, at: number): void {
    if (this.#limit !== Infinity) this.#entries.push({ at, weight });
  }
}
