import type { UsageWriter } from "../../domain/index.ts";
import type { UsageCounters } from "./usage-counters.ts";

interface Parts {
  readonly counters: UsageCounters;
  readonly keys: UsageWriter;
}

/** Writes the counters that have gathered. */
export class WriteUsage {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Throws `storage_unavailable`; what could not be written is kept for the next time. */
  async execute(): Promise<void> {
    const { counters, keys } = this.#parts;
    // Part by part, so that no more than one is in memory.
    for (const deltas of counters.drain()) {
      try {
        await keys.addUsage(deltas);
      } catch (error) {
        counters.restore(deltas);
        throw error;
      }
    }
  }
}
