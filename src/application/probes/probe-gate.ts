import { DomainError } from "../../domain/index.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";

export interface Entrance {
  /** Leaves the line when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** How many may wait already. Default: any number. */
  readonly mostWaiting?: number;
}

/** Lets `max_concurrent_requests` probes run at a time, whatever started them; the rest wait in line. */
export class ProbeGate {
  readonly #settings: SettingsInForce;
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(settings: SettingsInForce) {
    this.#settings = settings;
    settings.onChange(() => this.#admit());
  }

  /**
   * Waits for a place, at most `waitMs`. False when there was none; a caller that got one gives it back by `leave`.
   * Throws `busy`, and the signal's reason once that is aborted.
   */
  enter(waitMs: number, { signal, mostWaiting = Number.POSITIVE_INFINITY }: Entrance = {}): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leaveLine = () => {
        this.#waiting.delete(admitted);
        clearTimeout(timer);
        signal?.removeEventListener("abort", hungUp);
      };
      const hungUp = () => {
        leaveLine();
        reject(signal?.reason);
      };
      const admitted = () => {
        leaveLine();
        resolve(true);
      };
      const timer = setTimeout(() => {
        leaveLine();
        resolve(false);
      }, waitMs);
      signal?.addEventListener("abort", hungUp);
      this.#waiting.add(admitted);
      this.#admit();
      if (this.#waiting.size <= mostWaiting || !this.#waiting.has(admitted)) return;
      leaveLine();
      reject(new DomainError("busy", "Too many tests of keys are waiting, try again later"));
    });
  }

  leave(): void {
    this.#inside -= 1;
    this.#admit();
  }

  #admit(): void {
    for (const admitted of this.#waiting) {
      if (this.#inside >= this.#settings.value.maxConcurrentProbes) return;
      this.#waiting.delete(admitted);
      this.#inside += 1;
      admitted();
    }
  }
}
