const WINDOW_MS = 60_000;
const MOST_IN_WINDOW = 10;
const MOST_KNOWN = 10_000;

export interface Attempt {
  /** Whether it is the first of its minute, and so to be logged. */
  readonly isFirst: boolean;
  /** Seconds after which another is looked at; 0 while there have not been too many. */
  readonly retryAfterSeconds: number;
}

interface Window {
  readonly endsAt: number;
  count: number;
}

/** Counts by address the tokens that let nobody in. Who sends a good one is not asked about here. */
export class FailedAttempts {
  /** In the order in which their minutes began. */
  readonly #windows = new Map<string, Window>();

  /** `now` in epoch milliseconds. */
  note(address: string, now: number): Attempt {
    let window = this.#windows.get(address);
    if (window === undefined || !isOf(window, now)) {
      this.#windows.delete(address);
      this.#makeRoom();
      window = { endsAt: now + WINDOW_MS, count: 0 };
      this.#windows.set(address, window);
    }
    window.count += 1;
    const isTooMany = window.count > MOST_IN_WINDOW;
    return {
      isFirst: window.count === 1,
      retryAfterSeconds: isTooMany ? Math.ceil((window.endsAt - now) / 1000) : 0,
    };
  }

  /** Whether there have been too many; this is none. `now` in epoch milliseconds. */
  wereTooMany(address: string, now: number): boolean {
    const window = this.#windows.get(address);
    return window !== undefined && window.count > MOST_IN_WINDOW && isOf(window, now);
  }

  #makeRoom(): void {
    if (this.#windows.size < MOST_KNOWN) return;
    for (const oldest of this.#windows.keys()) {
      this.#windows.delete(oldest);
      return;
    }
  }
}

/** A window that ends too late is of before the clock was set back. */
function isOf({ endsAt }: Window, now: number): boolean {
  return now < endsAt && endsAt <= now + WINDOW_MS;
}
