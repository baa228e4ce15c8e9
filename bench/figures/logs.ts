import type { Figure } from "../bench.ts";
import { ask, startPoolServer } from "../processes/pool-server.ts";
import { seedLogs } from "../seed.ts";
import { median } from "../statistics.ts";

const LISTINGS = [
  ["page 1", "page=1"],
  ["page 1000", "page=1000"],
  ["page 1000 of an action", "page=1000&action=set_status"],
  ["page 1 of a rare code", "page=1&status_code=429"],
] as const;

export const logs: Figure = async ({ effort, scratchFile }) => {
  const file = scratchFile("logs.db");
  await seedLogs(file, effort.logRows);
  const server = await startPoolServer(file);
  const times = LISTINGS.map((): number[] => []);
  try {
    for (let round = -1; round < effort.repetitions; round++) {
      for (const [index, [, query]] of LISTINGS.entries()) {
        const startedAt = performance.now();
        await (await ask(`${server.url}/api/keys/logs?limit=50&${query}`)).text();
        if (round >= 0) times[index]?.push(performance.now() - startedAt);
      }
    }
    return LISTINGS.map(([name], index) => ({
      figure: `/keys/logs of ${effort.logRows.toLocaleString("en-US")} rows, ${name}`,
      unit: "ms",
      measured: median(times[index] ?? []),
      demand: { on: "measured", is: "<", goal: 30 },
      note: `at worst ${Math.max(...(times[index] ?? [])).toFixed(1)} ms`,
    }));
  } finally {
    await server.stop();
  }
};
