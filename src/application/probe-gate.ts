import type { CurrentSettings } from "./current-settings.ts";

/** Lets `max_concurrent_requests` probes run at a time, whatever started them; the rest wait in line. */
export class ProbeGate {
  readonly #settings: CurrentSettings;
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(settings: CurrentSettings) {
    this.#settings = settings;
    settings.onChange(() => this.#admit());
  }

  /** Waits for a place, at most `waitMs`. False when there was none; whoever got one gives it back by `leave`. */
  enter(waitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const admitted = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(admitted);
        resolve(false);
      }, waitMs);
      this.#waiting.add(admitted);
      this.#admit();
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
