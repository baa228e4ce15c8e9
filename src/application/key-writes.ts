import { DomainError, type KeyId } from "../domain/index.ts";

interface Turn {
  readonly write: () => Promise<unknown>;
  /** Whether what it writes is in force already, so that it has to be written some time. */
  readonly owed: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The durable writes of each key, one after the other in the order in which they were asked for.
 *
 * What restricts a key is in force before it is written: a key that rests or has left its pool stays so when
 * the storage fails. Its caller is refused, and the write stays queued here until the storage takes it.
 */
export class KeyWrites {
  readonly #turns = new Map<KeyId, Turn[]>();
  readonly #draining = new Map<KeyId, Promise<void>>();
  readonly #failing = new Map<KeyId, unknown>();

  /** How many keys have writes that the storage has refused so far. */
  get owing(): number {
    return this.#failing.size;
  }

  /** Whether a write of the key is under way or owed. */
  busy(id: KeyId): boolean {
    return this.#turns.has(id);
  }

  /** Runs the write in its turn; a failure means that it has not happened. */
  write<T>(id: KeyId, write: () => Promise<T>): Promise<T> {
    return this.#enqueue(id, write, false);
  }

  /** Writes what is in force already; when the storage refuses it, throws and tries again later. */
  writeOrOwe<T>(id: KeyId, write: () => Promise<T>): Promise<T> {
    return this.#enqueue(id, write, true);
  }

  /** Makes what is owed for a key durable, or throws. Every later answer about the key waits for this. */
  async settle(id: KeyId): Promise<void> {
    if (!this.#turns.has(id)) return;
    await this.#drain(id);
    if (this.#failing.has(id)) throw this.#failing.get(id);
  }

  /** Tries everything that is owed once more; answers how many keys still owe. */
  async settleAll(): Promise<number> {
    await Promise.all([...this.#failing.keys()].map((id) => this.#drain(id)));
    return this.#failing.size;
  }

  #enqueue<T>(id: KeyId, write: () => Promise<T>, owed: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const turn = { write, owed, resolve: resolve as Turn["resolve"], reject };
      const turns = this.#turns.get(id);
      if (turns) turns.push(turn);
      else this.#turns.set(id, [turn]);
      void this.#drain(id);
    });
  }

  /** Only for a key that has turns. */
  #drain(id: KeyId): Promise<void> {
    let draining = this.#draining.get(id);
    if (!draining) {
      draining = this.#runTurns(id);
      this.#draining.set(id, draining);
    }
    return draining;
  }

  async #runTurns(id: KeyId): Promise<void> {
    const turns = this.#turns.get(id) ?? [];
    while (turns.length > 0) {
      const turn = turns[0] as Turn;
      try {
        turn.resolve(await turn.write());
      } catch (error) {
        if (isStorageFault(error)) return this.#refuse(id, turns, error);
        turn.reject(error);
      }
      turns.shift();
    }
    // At once with the last look at the turns, or a turn that comes now would wait for ever.
    this.#draining.delete(id);
    this.#turns.delete(id);
    this.#failing.delete(id);
  }

  #refuse(id: KeyId, turns: readonly Turn[], error: unknown): void {
    this.#draining.delete(id);
    for (const turn of turns) turn.reject(error);
    const owed = turns.filter((turn) => turn.owed);
    if (owed.length === 0) {
      this.#turns.delete(id);
      return;
    }
    this.#turns.set(id, owed);
    this.#failing.set(id, error);
  }
}

function isStorageFault(error: unknown): boolean {
  return !(error instanceof DomainError) || error.code === "storage_unavailable";
}
