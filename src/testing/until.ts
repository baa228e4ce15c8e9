/** Far more than pending work needs on a busy machine. */
const STUCK_MS = 60_000;

/** Yields to pending work until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  const startedAt = performance.now();
  while (!condition()) {
    if (performance.now() - startedAt > STUCK_MS) throw new Error("The condition was never met");
    await new Promise(setImmediate);
  }
}
