import type { Figure } from "../bench.ts";
import { loadInTurn } from "../load/in-turn.ts";
import { startBare } from "../processes/bare.ts";
import { ask, HAND_OUT, startPoolServer } from "../processes/pool-server.ts";
import { seedKeys } from "../seed.ts";

const KEYS = 1000;

export const handOutOverHttp: Figure = async ({ tool, effort, scratchFile }) => {
  const file = scratchFile("hand-out.db");
  await seedKeys(file, KEYS);
  const server = await startPoolServer(file);
  const bare = await startBare(await ask(server.url + HAND_OUT));
  try {
    const { ours, anchors } = await loadInTurn(
      tool,
      effort,
      { url: server.url + HAND_OUT },
      { url: bare.url + HAND_OUT },
    );
    const figure = "GET /keys/get, 1,000 keys, SQLite";
    return [
      {
        figure,
        unit: "/s",
        measured: ours.perSecond,
        anchor: anchors.perSecond,
        errors: ours.errors,
        demand: { on: "ratio", is: "≥", goal: 0.8, aim: 1 },
      },
      { figure: `${figure}, p99`, unit: "ms", measured: ours.p99Ms, anchor: anchors.p99Ms },
    ];
  } finally {
    await Promise.all([server.stop(), bare.stop()]);
  }
};
