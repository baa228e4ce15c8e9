const PARENT_CHECK_MS = 250;

/**
 * Under npm, calls back once npm is gone: it signals the shell between it and this process, and the shell ends without
 * passing the signal on.
 */
export function whenNpmIsGone(onGone: () => void): void {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, PARENT_CHECK_MS).unref();
}
