import { ManualClock } from "../../src/adapters/in-memory/index.ts";
import type { Scheduler } from "../../src/domain/index.ts";

interface Wait {
  readonly dueAt: number;
  readonly run: () => void;
}

/** A clock and the waits on it, which a test lets pass together. */
export class HandTime implements Scheduler {
  readonly clock: ManualClock;
  readonly #waits = new Set<Wait>();

  constructor(clock = new ManualClock()) {
    this.clock = clock;
  }

  /** What is due at once is done in the next turn, without anybody's hand. */
  after(ms: number, run: () => void): () => void {
    if (ms === 0) {
      const soon = setImmediate(run);
      return () => clearImmediate(soon);
    }
    const wait = { dueAt: this.clock.now() + ms, run };
    this.#waits.add(wait);
    return () => void this.#waits.delete(wait);
  }

  /** Lets so much time pass, and what is due by then happen in its order; without time, what is being done. */
  async pass(ms = 0): Promise<void> {
    const end = this.clock.now() + ms;
    while (await this.step(end));
    this.clock.advance(end - this.clock.now());
  }

  /** Lets the next happen that is due by then, and what follows from it at once. Answers whether there was any. */
  async step(until = this.clock.now()): Promise<boolean> {
    await settled();
    const [first] = [...this.#waits].toSorted((a, b) => a.dueAt - b.dueAt);
    if (first === undefined || first.dueAt > until) return false;
    this.#waits.delete(first);
    this.clock.advance(first.dueAt - this.clock.now());
    first.run();
    await settled();
    return true;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
}
