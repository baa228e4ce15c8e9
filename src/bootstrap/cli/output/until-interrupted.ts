/** Runs something that has no end of its own: Ctrl-C or SIGTERM aborts the signal, which ends it as planned. */
export async function untilInterrupted(run: (over: AbortSignal) => Promise<void>): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.once(signal, end);
  try {
    await run(over.signal);
  } finally {
    over.abort();
    for (const signal of signals) process.off(signal, end);
  }
}
