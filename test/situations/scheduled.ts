import type fc from "fast-check";

/** Wraps a port so that each call of these methods begins, and answers, when the scheduler says so. */
export function scheduled<T extends object>(
  port: T,
  scheduler: fc.Scheduler,
  methods: readonly (keyof T & string)[],
): T {
  return wrapped(port, methods, (call) => {
    const begin = scheduler.schedule(Promise.resolve());
    return begin.then(call).then((answer) => scheduler.schedule(Promise.resolve(answer)));
  });
}

/** Wraps a port whose calls begin in the order in which they are made; only the answers are scheduled. */
export function answeredLate<T extends object>(
  port: T,
  scheduler: fc.Scheduler,
  methods: readonly (keyof T & string)[],
): T {
  return wrapped(port, methods, (call) =>
    call().then((answer) => scheduler.schedule(Promise.resolve(answer))),
  );
}

function wrapped<T extends object>(
  port: T,
  methods: readonly string[],
  around: (call: () => Promise<unknown>) => Promise<unknown>,
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
