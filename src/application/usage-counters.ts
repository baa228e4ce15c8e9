import type { KeyId, UsageDelta } from "../domain/index.ts";
import { KeyIdMap } from "./key-id-map.ts";

interface Counter {
  readonly id: KeyId;
  uses: number;
  errors: number;
  lastUsedAt: number | null;
}

/** Hand-outs and failed reports, added up in memory until they are written. */
export class UsageCounters {
  #counters = new KeyIdMap<Counter>();

  countUse(id: KeyId, at: number): void {
    const counter = this.#counter(id);
    counter.uses++;
    counter.lastUsedAt = at;
  }

  countError(id: KeyId): void {
    this.#counter(id).errors++;
  }

  /** Takes all that has been counted; counting starts from zero. */
  drain(): readonly UsageDelta[] {
    const drained = this.#counters;
    this.#counters = new KeyIdMap();
    return [...drained.values()];
  }

  /** Gives back what could not be written. */
  restore(deltas: readonly UsageDelta[]): void {
    for (const { id, uses, errors, lastUsedAt } of deltas) {
      const counter = this.#counter(id);
      counter.uses += uses;
      counter.errors += errors;
      counter.lastUsedAt ??= lastUsedAt;
    }
  }

  #counter(id: KeyId): Counter {
    let counter = this.#counters.get(id);
    if (!counter) {
      counter = { id, uses: 0, errors: 0, lastUsedAt: null };
      this.#counters.set(id, counter);
    }
    return counter;
  }
}
