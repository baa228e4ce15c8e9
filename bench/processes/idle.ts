const LOOK_MS = 20;
const IDLE_SHARE = 0.1;

/** Resolves when this process has done what its acts have left to be done behind their answers. */
export async function untilIdle(): Promise<void> {
  for (;;) {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1000 < IDLE_SHARE * (performance.now() - startedAt)) return;
  }
}
