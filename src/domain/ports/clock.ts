/**
 * The instants that rules and deadlines are counted in. A clock runs as evenly as a monotonic one, whatever
 * happens to the clock of the machine.
 */
export interface Clock {
  /**
   * The instant in epoch milliseconds, a whole number. Never smaller than the one answered before, except
   * right after a step.
   */
  now(): number;

  /**
   * Calls `listener` after each step: the clock of the machine was set, and this clock jumped along, forwards or
   * backwards. `ms` is how far, negative for backwards; deadlines from before are off by as much. The new
   * instant is in force already. A listener must not throw. A clock without this never steps.
   */
  onStep?(listener: (ms: number) => void): void;
}
