import { existsSync, writeFileSync } from "node:fs";
import type { Figure } from "../bench.ts";
import { ask, HAND_OUT, REPORT, startPoolServer } from "../processes/pool-server.ts";
import { residentMegabytes } from "../processes/resident-megabytes.ts";
import { type Demand, unmeasured } from "../row.ts";
import { secretOf, seedKeys } from "../seed.ts";

const DEMAND: Demand = { on: "measured", is: "<", goal: 200, aim: 165 };

/** What the server's process holds once it has loaded its keys, and after hand-outs and reports. */
export const memory: Figure = async ({ tool, effort, scratchFile }) => {
  const figure = "resident memory, 100,000 keys";
  if (!existsSync("/proc/self/status")) return [unmeasured(figure, "only Linux tells it, in /proc")];
  const file = scratchFile("memory.db");
  const bodies = scratchFile("memory-reports.jsonl");
  await seedKeys(file, effort.manyKeys);
  const lines = Array.from({ length: effort.manyKeys }, (_, n) => `{"key":"${secretOf(n + 1)}","code":200}`);
  writeFileSync(bodies, lines.join("\n"));
  const server = await startPoolServer(file);
  try {
    await ask(server.url + HAND_OUT);
    const loaded = residentMegabytes(server.pid);
    for (let round = 0; round < effort.rounds; round++) {
      await tool.run({ url: server.url + HAND_OUT, seconds: effort.roundSeconds });
      await tool.run({ url: server.url + REPORT, seconds: effort.roundSeconds, bodies });
    }
    const worked = residentMegabytes(server.pid);
    return [
      { figure: `${figure}, loaded`, unit: "MB", measured: loaded, demand: DEMAND },
      { figure: `${figure}, after requests`, unit: "MB", measured: worked, demand: DEMAND },
    ];
  } finally {
    await server.stop();
  }
};
