/** Far more than pending work needs on a busy machine. */
const STUCK_MS = 240_000;
/** Turns of the event loop that what is only pending takes. */
const TURNS = 50;

/** The real one, also while a test has put another in its place. */
const { setTimeout } = globalThis;

/** Yields to pending work until the condition holds; when that takes long, without keeping the processor from it. */
export async function until(condition: () => boolean): Promise<void> {
  const startedAt = performance.now();
  for (let turn = 0; !condition(); turn++) {
    if (performance.now() - startedAt > STUCK_MS) throw new Error("The condition was never met");
    await new Promise<void>((resolve) => {
      if (turn < TURNS) setImmediate(resolve);
      else setTimeout(resolve, 1);
    });
  }
}
