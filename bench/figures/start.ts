import type { Figure } from "../bench.ts";
import { startBare } from "../processes/bare.ts";
import type { ChildServer } from "../processes/child-server.ts";
import { ask, HAND_OUT, startPoolServer } from "../processes/pool-server.ts";
import type { Row } from "../row.ts";
import { seedKeys } from "../seed.ts";
import { median } from "../statistics.ts";

const REGIONS = ["eastasia", ...Array.from({ length: 59 }, (_, n) => `region${n}`)];

/** From the start of the process to the first key that it hands out. */
export const start: Figure = async ({ effort, scratchFile }) => {
  const rows: Row[] = [];
  for (const { keys, pools, goal, aim } of [
    { keys: 10_000, pools: 1, goal: 1, aim: 0.4 },
    { keys: effort.manyKeys, pools: 1, goal: 2.5, aim: 1 },
    { keys: effort.manyKeys, pools: 2, goal: 2.5, aim: 1 },
    { keys: effort.manyKeys, pools: 60, goal: 2.5, aim: 1 },
  ]) {
    const file = scratchFile(`start-${keys}-${pools}.db`);
    await seedKeys(file, keys, REGIONS.slice(0, pools));
    const seconds: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < effort.rounds; round++) {
      seconds.push(await secondsOf(() => startPoolServer(file)));
      bare.push(await secondsOf(() => startBare(new Response("{}"))));
    }
    rows.push({
      figure: `start to first answer, ${keys.toLocaleString("en-US")} keys${pools > 1 ? ` in ${pools} pools` : ""}`,
      unit: "s",
      measured: median(seconds),
      anchor: median(bare),
      demand: { on: "measured", is: "<", goal, aim },
      note: `at worst ${Math.max(...seconds).toFixed(2)} s`,
    });
  }
  return rows;
};

async function secondsOf(start: () => Promise<ChildServer>): Promise<number> {
  const startedAt = performance.now();
  const server = await start();
  await ask(server.url + HAND_OUT);
  const seconds = (performance.now() - startedAt) / 1000;
  await server.stop();
  return seconds;
}
