import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Figure } from "../bench.ts";
import type { InProcessResult } from "../processes/in-process-hand-out.ts";

const run = promisify(execFile);
const PROGRAM = "bench/processes/in-process-hand-out.ts";

export const handOutInProcess: Figure = async ({ effort }) => {
  const args = [PROGRAM, String(effort.manyKeys), String(effort.repetitions)];
  const { stdout } = await run(process.execPath, args);
  const { many, few, p99Micros } = JSON.parse(stdout) as InProcessResult;
  const figure = "hand-out in process, 100,000 keys";
  return [
    {
      figure,
      unit: "/s",
      measured: many,
      demand: { on: "measured", is: "≥", goal: 1_000_000, aim: 3_000_000 },
    },
    {
      figure: `${figure}, p99`,
      unit: "µs",
      measured: p99Micros,
      demand: { on: "measured", is: "<", goal: 5, aim: 1 },
    },
    {
      figure: `${figure}, against 10 keys`,
      unit: "/s",
      measured: many,
      anchor: few,
      demand: { on: "ratio", is: "≥", goal: 0.9 },
    },
  ];
};
