import type { KeyRepository } from "../domain/index.ts";
import type { UsageCounters } from "./usage-counters.ts";

/** Writes the counters that have gathered. Run it every second and at shutdown. */
export class WriteUsage {
  readonly #counters: UsageCounters;
  readonly #repository: KeyRepository;

  constructor(counters: UsageCounters, repository: KeyRepository) {
    this.#counters = counters;
    this.#repository = repository;
  }

  async execute(): Promise<void> {
    // Part by part, so that no more than one stands in memory.
    for (const deltas of this.#counters.drain()) {
      try {
        await this.#repository.addUsage(deltas);
      } catch (error) {
        this.#counters.restore(deltas);
        throw error;
      }
    }
  }
}
