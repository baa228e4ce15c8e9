/** Acts again and again, with a pause in between, until Ctrl-C or SIGTERM, which ends it as planned. Throws what `act` throws. */
export async function untilInterrupted(pauseMs: number, act: () => Promise<void>): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.once(signal, end);
  try {
    while (!over.signal.aborted) {
      await act();
      await pauseUnless(over.signal, pauseMs);
    }
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}

function pauseUnless(over: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (over.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    over.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
