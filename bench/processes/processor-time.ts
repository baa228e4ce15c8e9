import { readdirSync, readFileSync } from "node:fs";

/** How many milliseconds a process has had of the processors, all its threads together. Linux only. */
export function processorMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((total, thread) => {
    const [ns = "0"] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
    return total + Number(ns) / 1e6;
  }, 0);
}
