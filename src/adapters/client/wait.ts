/** Waits, in milliseconds; ends at once when the signal is aborted, and never rejects. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>;

/** A timer of more milliseconds ends at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** No longer than 24 days, whatever a `Retry-After` says. */
export const pause: Wait = (ms, signal) =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, LONGEST_MS));
    signal?.addEventListener("abort", done, { once: true });
  });
