import { signal } from "@preact/signals";

/** Epoch milliseconds, a second's worth of precision. */
export const now = signal(Date.now());

setInterval(() => {
  now.value = Date.now();
}, 500);
