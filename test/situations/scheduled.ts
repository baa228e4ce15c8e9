import type fc from "fast-check";

/** Wraps a port so that each call of these methods begins, and answers, when the scheduler says so. */
export function scheduled<T extends object>(
  port: T,
  scheduler: fc.Scheduler,
  methods: readonly (keyof T & string)[],
): T {
  return wrapped(port, methods, (call: () => Promise<unknown>) => {
    const begin = scheduler.schedule(Promise.resolve());
    return begin.then(call).then((answer) => scheduler.schedule(Promise.resolve(answer)));
  });
}

/** The same for methods that answer in chunks: the first and each further one is scheduled. */
export function scheduledChunks<T extends object>(
  port: T,
  scheduler: fc.Scheduler,
  methods: readonly (keyof T & string)[],
): T {
  async function* around(call: () => AsyncIterable<unknown>) {
    await scheduler.schedule(Promise.resolve());
    for await (const chunk of call()) yield await scheduler.schedule(Promise.resolve(chunk));
  }
  return wrapped(port, methods, around);
}

/** Wraps a port whose calls begin in the order in which they are made; only the answers are scheduled. */
export function answeredLate<T extends object>(
  port: T,
  scheduler: fc.Scheduler,
  methods: readonly (keyof T & string)[],
): T {
  return wrapped(port, methods, (call: () => Promise<unknown>) =>
    call().then((answer) => scheduler.schedule(Promise.resolve(answer))),
  );
}

function wrapped<T extends object, A>(
  port: T,
  methods: readonly string[],
  around: (call: () => A) => unknown,
): T {
  return new Proxy(port, {
    get(target, property) {
      const method = Reflect.get(target, property);
      if (typeof method !== "function") return method;
      if (!methods.some((name) => name === property)) return method.bind(target);
      return (...args: unknown[]) => around(() => method.apply(target, args));
    },
  });
}
