import { DomainError, type KeyId } from "../../domain/index.ts";

interface Waiting {
  readonly write: () => Promise<unknown>;
  /** Whether what it writes is in force already, so that it has to be written some time. */
  readonly owed: boolean;
  readonly deed: string | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Keys whose owed writes are tried at a time: what a storage takes in one transaction. */
const PORTION = 500;

/**
 * The durable writes of each key, one after the other in the order in which they were asked for.
 *
 * What restricts a key is in force before it is written: a key that is away or has left its pool stays so when
 * the storage fails. Its caller is refused, and the write stays queued here until the storage takes it.
 */
export class DurableWrites {
  readonly #queues = new Map<KeyId, Waiting[]>();
  readonly #draining = new Map<KeyId, Promise<void>>();
  readonly #failing = new Map<KeyId, unknown>();

  /** How many keys have writes that the storage has refused so far. */
  get owing(): number {
    return this.#failing.size;
  }

  /** Whether a write of the key is under way or owed. */
  isBusy(id: KeyId): boolean {
    return this.#queues.has(id);
  }

  /** Runs the write when those before it are done; a failure means that it has not happened. */
  write<T>(id: KeyId, write: () => Promise<T>): Promise<T> {
    return this.#enqueue(id, { write, owed: false, deed: undefined });
  }

  /**
   * Writes what is in force already; when the storage refuses it, throws and tries again later. `deed` says what it
   * does: of writes in a row that do the same, the first is owed and the others are not. Default: like no other.
   */
  writeOrOwe<T>(id: KeyId, write: () => Promise<T>, deed?: string): Promise<T> {
    return this.#enqueue(id, { write, owed: true, deed });
  }

  /** Makes what is owed for a key durable, or throws. Every later answer about the key waits for this. */
  async flush(id: KeyId): Promise<void> {
    if (!this.#queues.has(id)) return;
    await this.#drain(id);
    if (this.#failing.has(id)) throw this.#failing.get(id);
  }

  /**
   * Tries everything that is owed once more, portion by portion until the storage takes nothing of one; answers
   * how many keys still owe.
   */
  async flushAll(): Promise<number> {
    const owing = [...this.#failing.keys()];
    for (let start = 0; start < owing.length; start += PORTION) {
      const portion = owing.slice(start, start + PORTION).filter((id) => this.#failing.has(id));
      await Promise.all(portion.map((id) => this.#drain(id)));
      if (portion.length > 0 && portion.every((id) => this.#failing.has(id))) break;
    }
    return this.#failing.size;
  }

  #enqueue<T>(id: KeyId, asked: Pick<Waiting, "write" | "owed" | "deed">): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const waiting = { ...asked, resolve: resolve as Waiting["resolve"], reject };
      const queue = this.#queues.get(id);
      if (queue) queue.push(waiting);
      else this.#queues.set(id, [waiting]);
      void this.#drain(id);
    });
  }

  /** Only for a key that has a queue. */
  #drain(id: KeyId): Promise<void> {
    let draining = this.#draining.get(id);
    if (!draining) {
      draining = this.#runQueue(id);
      this.#draining.set(id, draining);
    }
    return draining;
  }

  async #runQueue(id: KeyId): Promise<void> {
    const queue = this.#queues.get(id) ?? [];
    while (queue.length > 0) {
      const waiting = queue[0] as Waiting;
      try {
        waiting.resolve(await waiting.write());
      } catch (error) {
        if (isStorageFault(error)) return this.#refuse(id, queue, error);
        waiting.reject(error);
      }
      queue.shift();
    }
    // In one step with the last look at the queue, or a write that comes now would wait for ever.
    this.#draining.delete(id);
    this.#queues.delete(id);
    this.#failing.delete(id);
  }

  #refuse(id: KeyId, queue: readonly Waiting[], error: unknown): void {
    this.#draining.delete(id);
    for (const waiting of queue) waiting.reject(error);
    const owed: Waiting[] = [];
    for (const waiting of queue) {
      const isRepeated = waiting.deed !== undefined && waiting.deed === owed.at(-1)?.deed;
      if (waiting.owed && !isRepeated) owed.push(waiting);
    }
    if (owed.length === 0) {
      this.#queues.delete(id);
      return;
    }
    this.#queues.set(id, owed);
    this.#failing.set(id, error);
  }
}

/** Anything but a broken rule: the storage did not take the write, and may take it later. */
export function isStorageFault(error: unknown): boolean {
  return !(error instanceof DomainError) || error.code === "storage_unavailable";
}
