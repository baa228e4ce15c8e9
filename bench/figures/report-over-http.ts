import { writeFileSync } from "node:fs";
import type { Figure } from "../bench.ts";
import { loadInTurn } from "../load/in-turn.ts";
import { startBare } from "../processes/bare.ts";
import { ask, REPORT, startPoolServer } from "../processes/pool-server.ts";
import { countLogs, secretOf, seedKeys } from "../seed.ts";

const KEYS = 1000;

export const reportOverHttp: Figure = async ({ tool, effort, scratchFile }) => {
  const file = scratchFile("report.db");
  const bodies = scratchFile("reports.jsonl");
  await seedKeys(file, KEYS);
  const reports = Array.from({ length: KEYS }, (_, n) => ({ key: secretOf(n + 1), code: 200 }));
  writeFileSync(bodies, reports.map((report) => JSON.stringify(report)).join("\n"));
  const server = await startPoolServer(file);
  const bare = await startBare(await ask(server.url + REPORT, "POST", reports[0]));
  try {
    const { ours, anchors } = await loadInTurn(
      tool,
      effort,
      { url: server.url + REPORT, bodies },
      { url: bare.url + REPORT, bodies },
    );
    await server.stop("SIGKILL");
    const lost = Math.max(0, ours.answered - countLogs(file));
    const figure = "POST /keys/status 200, 1,000 keys, durable";
    return [
      {
        figure,
        unit: "/s",
        measured: ours.perSecond,
        anchor: anchors.perSecond,
        errors: ours.errors + lost,
        demand: { on: "ratio", is: "≥", goal: 0.55, aim: 0.7 },
        note: `${lost} of ${ours.answered} lost by kill -9`,
      },
      {
        figure: `${figure}, p99`,
        unit: "ms",
        measured: ours.p99Ms,
        anchor: anchors.p99Ms,
        demand: { on: "measured", is: "<", goal: 8, aim: 4 },
      },
    ];
  } finally {
    await Promise.all([server.stop(), bare.stop()]);
  }
};
