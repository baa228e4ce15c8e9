import type { ClientBudgets } from "../access/client-budgets.ts";
import type { OnTaken } from "../keyring/taking-turns.ts";
import type { HandOutCounts } from "../measures/hand-out-counts.ts";
import type { UsageCounters } from "./usage-counters.ts";

interface Parts {
  readonly counters: UsageCounters;
  readonly counts: HandOutCounts;
  readonly budgets: ClientBudgets;
}

/** Counts each key that is given: as used, for the monitor, and against what its client may have. */
export class CountedUses {
  readonly #counts: HandOutCounts;
  readonly #budgets: ClientBudgets;
  /** Made once, for a hand-out without a client makes nothing. */
  readonly #countUse: OnTaken;

  constructor({ counters, counts, budgets }: Parts) {
    this.#counts = counts;
    this.#budgets = budgets;
    this.#countUse = (id, at, pool) => {
      counters.countUse(id, at);
      counts.countHandOut(pool);
    };
  }

  /** What is called with a key that was taken; throws `budget_exhausted` where `client`, the id of a token, has had its keys. */
  onTaken(client?: string): OnTaken {
    return client === undefined ? this.#countUse : this.#countingFor(client);
  }

  #countingFor(client: string): OnTaken {
    return (id, at, pool) => {
      try {
        this.#budgets.hand(client, id, at);
      } catch (error) {
        this.#counts.countNone(pool, "budget-exhausted", true);
        throw error;
      }
      this.#countUse(id, at, pool);
    };
  }
}
