import type { PoolPieces } from "./pool-pieces.ts";
import type { ScriptRunner } from "./scripts/script-runner.ts";
import { LIST_TURNS } from "./scripts/take-lease.ts";

interface Run {
  readonly done: Promise<void>;
  readonly listeners: Set<() => void>;
}

/** Gives the keys of pools turns for leases. That takes as long as the pool is large, so all who need it share one run. */
export class ListingTurns {
  readonly #scripts: ScriptRunner;
  readonly #running = new Map<string, Run>();

  constructor(scripts: ScriptRunner) {
    this.#scripts = scripts;
  }

  /** `onPiece` is called when a piece of the work is done. */
  async list(pieces: PoolPieces, onPiece: () => void): Promise<void> {
    const name = pieces.allKeys.join();
    const { done, listeners } = this.#running.get(name) ?? this.#begin(name, pieces);
    listeners.add(onPiece);
    try {
      await done;
    } finally {
      listeners.delete(onPiece);
    }
  }

  #begin(name: string, pieces: PoolPieces): Run {
    const listeners = new Set<() => void>();
    const done = this.#list(pieces, listeners).finally(() => this.#running.delete(name));
    const run = { done, listeners };
    this.#running.set(name, run);
    return run;
  }

  /** Those that rest first: a key that comes back meanwhile is met again where it waits. */
  async #list(pieces: PoolPieces, listeners: ReadonlySet<() => void>): Promise<void> {
    for (const where of ["resting", "ready"]) {
      let cursor = "0";
      do {
        cursor = await this.#scripts.run(LIST_TURNS, pieces.allKeys, [where, cursor]);
        for (const listener of listeners) listener();
      } while (cursor !== "0");
    }
  }
}
