import { storageUnavailable } from "../domain/index.ts";

export interface Breakable<T> {
  readonly port: T;
  /** Every call of these methods fails with `storage_unavailable` until `mend`. */
  break(...methods: (keyof T)[]): void;
  mend(): void;
  /** Calls of these methods wait before they begin, until `release`. */
  hold(...methods: (keyof T)[]): void;
  release(): void;
  /** How many calls are held. */
  readonly held: number;
}

/** Wraps a port so that a test can make its storage fail or wait. */
export function breakable<T extends object>(port: T): Breakable<T> {
  let broken: readonly (keyof T)[] = [];
  let waiting: readonly (keyof T)[] = [];
  let held: (() => void)[] = [];
  const wrapped = new Proxy(port, {
    get(target, property) {
      const method = Reflect.get(target, property);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        const name = property as keyof T;
        const call = () => method.apply(target, args);
        if (!broken.includes(name) && !waiting.includes(name)) return call();
        const turn = async () => {
          if (broken.includes(name)) throw storageUnavailable(new Error("made to fail"));
          await new Promise<void>((resolve) => held.push(resolve));
        };
        return later(turn, call);
      };
    },
  });
  return {
    port: wrapped,
    break: (...methods) => {
      broken = methods;
    },
    mend: () => {
      broken = [];
    },
    hold: (...methods) => {
      waiting = methods;
    },
    release: () => {
      waiting = [];
      for (const go of held.splice(0)) go();
      held = [];
    },
    get held() {
      return held.length;
    },
  };
}

/** Delays a call until `turn` resolves; the result can be awaited or iterated over, as the port wants it. */
function later(turn: () => Promise<void>, call: () => unknown): Promise<unknown> & AsyncIterable<unknown> {
  const answer = turn().then(call);
  // A caller that iterates does not await it as well.
  answer.catch(() => {});
  return Object.assign(answer, {
    async *[Symbol.asyncIterator]() {
      yield* (await answer) as AsyncIterable<unknown>;
    },
  });
}
