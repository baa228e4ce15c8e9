import type fc from "fast-check";

/** Wraps a port so that each call of these methods begins, and answers, when the scheduler says so. */
export function scheduled<T extends object>(
  port: T,
  scheduler: fc.Scheduler,
  methods: readonly (keyof T & string)[],
): T {
  return new Proxy(port, {
    get(target, property) {
      const method = Reflect.get(target, property);
      if (typeof method !== "function") return method;
      if (!methods.some((name) => name === property)) return method.bind(target);
      const begin = scheduler.scheduleFunction(async (...args: unknown[]) => method.apply(target, args));
      return async (...args: unknown[]) => {
        const answer = await begin(...args);
        return scheduler.schedule(Promise.resolve(answer));
      };
    },
  });
}
