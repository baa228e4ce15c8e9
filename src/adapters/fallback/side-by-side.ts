/** One source, read once, for two readers: the second gets each item once the first has dealt with it. */
export interface SideBySide<T> {
  readonly first: AsyncIterable<T>;
  readonly second: AsyncIterable<T>;
  /** The second reader has gone; the first reads on alone. */
  leaveSecond(): void;
}

export function sideBySide<T>(source: AsyncIterable<T>): SideBySide<T> {
  let wanted = Promise.withResolvers<void>();
  let offered = Promise.withResolvers<IteratorResult<T, undefined>>();
  let isSecondGone = false;
  // A fault of the source reaches the second reader when it asks, which it may never do.
  const quietly = (offer: typeof offered) => {
    offer.promise.catch(() => {});
    return offer;
  };
  quietly(offered);

  async function* first(): AsyncGenerator<T> {
    try {
      for await (const value of source) {
        yield value;
        // Asked for the next one, so it has dealt with this one.
        await wanted.promise;
        if (isSecondGone) continue;
        wanted = Promise.withResolvers();
        const offer = offered;
        offered = quietly(Promise.withResolvers());
        offer.resolve({ done: false, value });
      }
      offered.resolve({ done: true, value: undefined });
    } catch (error) {
      offered.reject(error);
      throw error;
    } finally {
      offered.reject(new Error("The first reader stopped before the end"));
    }
  }

  const second: AsyncIterator<T, undefined> = {
    next: () => {
      wanted.resolve();
      return offered.promise;
    },
  };
  return {
    first: first(),
    second: { [Symbol.asyncIterator]: () => second },
    leaveSecond: () => {
      isSecondGone = true;
      wanted.resolve();
    },
  };
}
