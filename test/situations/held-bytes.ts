import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What this process' heap holds once all that nobody needs has been collected. */
export function heldBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
