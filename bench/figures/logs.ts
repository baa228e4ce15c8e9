import type { Figure } from "../bench.ts";
import type { ChildServer } from "../processes/child-server.ts";
import { ask, HAND_OUT, startPoolServer } from "../processes/pool-server.ts";
import type { Row } from "../row.ts";
import { seedKeys, seedLogs } from "../seed.ts";
import { median } from "../statistics.ts";

const LISTINGS = [
  ["page 1", "page=1"],
  ["page 1000", "page=1000"],
  ["page 1000 of an action", "page=1000&action=set_status"],
  ["page 1 of a rare code", "page=1&status_code=429"],
] as const;

export const logs: Figure = async ({ effort, scratchFile }) => {
  const file = scratchFile("logs.db");
  await seedKeys(file, 1);
  await seedLogs(file, effort.logRows);
  const first = await firstAfterStart(file, effort.rounds);
  const server = await startPoolServer(file);
  const times = LISTINGS.map((): number[] => []);
  try {
    for (let round = -1; round < effort.repetitions; round++) {
      for (const [index, [, query]] of LISTINGS.entries()) {
        const took = await timeOf(server, query);
        if (round >= 0) times[index]?.push(took);
      }
    }
    const figure = `/keys/logs of ${effort.logRows.toLocaleString("en-US")} rows`;
    return [
      rowOf(`${figure}, the first after a start`, first, 50),
      ...LISTINGS.map(([name], index) => rowOf(`${figure}, ${name}`, times[index] ?? [], 30)),
    ];
  } finally {
    await server.stop();
  }
};

/** Of page 1, in milliseconds, each by a server of its own that has handed out a key before. */
async function firstAfterStart(file: string, rounds: number): Promise<number[]> {
  const times: number[] = [];
  while (times.length < rounds) {
    const server = await startPoolServer(file);
    try {
      await ask(server.url + HAND_OUT);
      times.push(await timeOf(server, "page=1"));
    } finally {
      await server.stop();
    }
  }
  return times;
}

async function timeOf({ url }: ChildServer, query: string): Promise<number> {
  const startedAt = performance.now();
  await (await ask(`${url}/api/keys/logs?limit=50&${query}`)).text();
  return performance.now() - startedAt;
}

function rowOf(figure: string, times: readonly number[], goal: number): Row {
  return {
    figure,
    unit: "ms",
    measured: median(times),
    demand: { on: "measured", is: "<", goal },
    note: `at worst ${Math.max(...times).toFixed(1)} ms`,
  };
}
