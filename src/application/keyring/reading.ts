/**
 * Parts of one reading for one of several readers. The reading waits until a part has been used up, so that no
 * more than one is in memory.
 */
export class Reading<T> implements AsyncIterable<T> {
  readonly #begun = Promise.withResolvers<void>();
  #next = Promise.withResolvers<T | undefined>();
  #used = Promise.withResolvers<void>();
  #isOver = false;
  #fault: unknown;

  /** Resolves when the reader has begun, or will not. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Resolves when the reader asks for the next part, or has ended. */
  async give(part: T): Promise<void> {
    if (this.#isOver) return;
    this.#next.resolve(part);
    await this.#used.promise;
  }

  /** There are no more parts; with a fault, the reader fails with it. */
  end(fault?: unknown): void {
    this.#fault = fault;
    this.#next.resolve(undefined);
  }

  /** The reader has ended, whatever is still to come. */
  leave(): void {
    this.#isOver = true;
    this.#begun.resolve();
    this.#used.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    this.#begun.resolve();
    try {
      for (;;) {
        const part = await this.#next.promise;
        if (part === undefined) {
          if (this.#fault !== undefined) throw this.#fault;
          return;
        }
        this.#next = Promise.withResolvers();
        yield part;
        const used = this.#used;
        this.#used = Promise.withResolvers();
        used.resolve();
      }
    } finally {
      this.leave();
    }
  }
}
