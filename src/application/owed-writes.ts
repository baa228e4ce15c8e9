import { DomainError, type KeyId } from "../domain/index.ts";

interface OwedWrite {
  readonly write: () => Promise<void>;
  /** Why the write has lost its point, such as a key that is gone. */
  refusal?: DomainError;
}

/**
 * Writes whose effect is in force before they are durable: a key that rests or has left its pool stays so
 * when the storage fails, and its write stays queued here until the storage takes it. Per key they run in
 * the order in which they were asked for.
 */
export class OwedWrites {
  readonly #writes = new Map<KeyId, OwedWrite[]>();
  readonly #settling = new Map<KeyId, Promise<void>>();

  /** How many keys have something owed. */
  get size(): number {
    return this.#writes.size;
  }

  /** Runs the write; when the storage refuses it, owes it and throws all the same. */
  async writeOrOwe(id: KeyId, write: () => Promise<void>): Promise<void> {
    const owed: OwedWrite = { write };
    const before = this.#writes.get(id);
    if (before) {
      before.push(owed);
      await this.settle(id);
      if (owed.refusal) throw owed.refusal;
      return;
    }
    try {
      await write();
    } catch (error) {
      if (isStorageFault(error)) this.#writes.set(id, [...(this.#writes.get(id) ?? []), owed]);
      throw error;
    }
  }

  /** Makes what is owed for a key durable, or throws. Every later answer about the key waits for this. */
  async settle(id: KeyId): Promise<void> {
    while (this.#writes.has(id)) {
      let settling = this.#settling.get(id);
      if (!settling) {
        settling = this.#drain(id).finally(() => this.#settling.delete(id));
        this.#settling.set(id, settling);
      }
      await settling;
    }
  }

  /** Tries everything that is owed once more; answers how many keys still owe. */
  async settleAll(): Promise<number> {
    await Promise.allSettled([...this.#writes.keys()].map((id) => this.settle(id)));
    return this.#writes.size;
  }

  async #drain(id: KeyId): Promise<void> {
    const writes = this.#writes.get(id) ?? [];
    while (writes.length > 0) {
      const owed = writes[0] as OwedWrite;
      try {
        await owed.write();
      } catch (error) {
        if (isStorageFault(error)) throw error;
        owed.refusal = error as DomainError;
      }
      writes.shift();
    }
    this.#writes.delete(id);
  }
}

function isStorageFault(error: unknown): boolean {
  return !(error instanceof DomainError) || error.code === "storage_unavailable";
}
