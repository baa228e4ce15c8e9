import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Figure } from "../bench.ts";
import type { InProcessResult } from "../processes/in-process-hand-out.ts";
import { median } from "../statistics.ts";

const run = promisify(execFile);
const PROGRAM = "bench/processes/in-process-hand-out.ts";

export const handOutInProcess: Figure = async ({ effort }) => {
  const { manyKeys, rounds, repetitions } = effort;
  const sizes = [manyKeys, manyKeys / 10, 10];
  const results: InProcessResult[][] = sizes.map(() => []);
  // A process for each size, or what one pool leaves behind would be collected in the other's time.
  for (let round = 0; round < rounds; round++) {
    for (const [index, size] of sizes.entries()) {
      const args = ["--expose-gc", PROGRAM, String(size), String(repetitions / 2)];
      const { stdout } = await run(process.execPath, args);
      results[index]?.push(JSON.parse(stdout));
    }
  }
  const [many = 0, some = 0, few = 0] = results.map((of) => median(of.map(({ perSecond }) => perSecond)));
  const figure = "hand-out in process, 100,000 keys";
  return [
    {
      figure,
      unit: "/s",
      measured: many,
      demand: { on: "measured", is: "≥", goal: 3_000_000, aim: 5_000_000 },
    },
    {
      figure: `${figure}, p99`,
      unit: "µs",
      measured: median((results[0] ?? []).map(({ p99Micros }) => p99Micros)),
      demand: { on: "measured", is: "<", goal: 1.2, aim: 0.5 },
    },
    {
      figure: `${figure}, against 10 keys`,
      unit: "/s",
      measured: many,
      anchor: few,
      demand: { on: "ratio", is: "≥", goal: 0.85, aim: 0.95 },
      note: "10 keys never leave the processor's cache",
    },
    { figure: `${figure}, against 10,000 keys`, unit: "/s", measured: many, anchor: some },
  ];
};
