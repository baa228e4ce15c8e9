import { closeSync, openSync } from "node:fs";

/**
 * Makes a file that only its owner may read, unless there is one. One that is there is not even opened:
 * closing it again would drop the locks that this process holds on it.
 */
export function makeForOwner(file: string): void {
  try {
    closeSync(openSync(file, "ax", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
