import { readdirSync, readFileSync } from "node:fs";

/** What the threads of a process have had of the processors, those that have ended left out. Linux only. */
export function processorSeconds(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(tasks).map((task) => {
    const [onProcessor] = readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ");
    return Number(onProcessor);
  });
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}
