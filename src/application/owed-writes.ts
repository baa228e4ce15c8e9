import { DomainError, type KeyId } from "../domain/index.ts";

/**
 * Writes that failed although what they write is in force already: a key that rests or has left its pool
 * stays so, and its write stays queued here until the storage takes it. Per key they run in order.
 */
export class OwedWrites {
  readonly #writes = new Map<KeyId, (() => Promise<void>)[]>();
  readonly #settling = new Map<KeyId, Promise<void>>();

  /** How many keys have something owed. */
  get size(): number {
    return this.#writes.size;
  }

  /** Runs the write; when the storage refuses it, owes it and throws all the same. */
  async writeOrOwe(id: KeyId, write: () => Promise<void>): Promise<void> {
    await this.settle(id);
    try {
      await write();
    } catch (error) {
      if (isStorageFault(error)) this.#writes.set(id, [...(this.#writes.get(id) ?? []), write]);
      throw error;
    }
  }

  /** Makes what is owed for a key durable, or throws. Every later answer about the key waits for this. */
  async settle(id: KeyId): Promise<void> {
    if (!this.#writes.has(id)) return;
    let settling = this.#settling.get(id);
    if (!settling) {
      settling = this.#drain(id).finally(() => this.#settling.delete(id));
      this.#settling.set(id, settling);
    }
    await settling;
  }

  /** Tries everything that is owed once more; answers how many keys still owe. */
  async settleAll(): Promise<number> {
    await Promise.allSettled([...this.#writes.keys()].map((id) => this.settle(id)));
    return this.#writes.size;
  }

  async #drain(id: KeyId): Promise<void> {
    for (let writes = this.#writes.get(id); writes; writes = this.#writes.get(id)) {
      try {
        await (writes[0] as () => Promise<void>)();
      } catch (error) {
        if (isStorageFault(error)) throw error;
        // The key is gone or the write has lost its point; what follows may still have one.
      }
      const rest = (this.#writes.get(id) ?? []).slice(1);
      if (rest.length > 0) this.#writes.set(id, rest);
      else this.#writes.delete(id);
    }
  }
}

function isStorageFault(error: unknown): boolean {
  return !(error instanceof DomainError) || error.code === "storage_unavailable";
}
