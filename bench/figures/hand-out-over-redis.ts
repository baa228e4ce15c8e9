import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findPrivateRedis } from "../../test/servers/redis-server.ts";
import type { Figure } from "../bench.ts";
import type { RedisResult } from "../processes/redis-hand-out.ts";
import { unmeasured } from "../row.ts";

const run = promisify(execFile);
const PROGRAM = "bench/processes/redis-hand-out.ts";
const KEYS = 1000;

/** The store against its own script, called through the same client by as many callers. */
export const handOutOverRedis: Figure = async ({ effort }) => {
  const figure = "hand-out with Redis, 1,000 keys";
  const found = await findPrivateRedis();
  if ("missing" in found) return [unmeasured(figure, found.missing)];
  const { server } = found;
  try {
    const { stdout } = await run(process.execPath, [
      PROGRAM,
      server.url,
      String(KEYS),
      String(effort.repetitions),
    ]);
    const { ours, bare, commands } = JSON.parse(stdout) as RedisResult;
    return [
      {
        figure: `${figure}: round trips`,
        unit: "",
        measured: commands,
        demand: { on: "measured", is: "=", goal: 1 },
      },
      {
        figure: `${figure}, against its script`,
        unit: "/s",
        measured: ours,
        anchor: bare,
        demand: { on: "ratio", is: "≥", goal: 0.9, aim: 0.97 },
      },
    ];
  } finally {
    await server.stop();
  }
};
