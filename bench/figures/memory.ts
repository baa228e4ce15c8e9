import { existsSync, writeFileSync } from "node:fs";
import type { Figure } from "../bench.ts";
import { makeToken } from "../processes/close-door.ts";
import { HAND_OUT, REPORT, startPoolServer } from "../processes/pool-server.ts";
import { residentMegabytes } from "../processes/resident-megabytes.ts";
import { type Row, unmeasured } from "../row.ts";
import { secretOf, seedKeys } from "../seed.ts";

/**
 * What the server's process holds once it has loaded its keys, and after hand-outs and reports: with secrets sealed,
 * callers that show tokens, and a monitor that has read the metrics. Also at the end of the one start that seals what
 * was stored plain.
 */
export const memory: Figure = async ({ tool, effort, scratchFile }) => {
  const figure = "resident memory, 100,000 keys";
  if (!existsSync("/proc/self/status")) return [unmeasured(figure, "only Linux tells it, in /proc")];
  const file = scratchFile("memory.db");
  const bodies = scratchFile("memory-reports.jsonl");
  await seedKeys(file, effort.manyKeys);
  const lines = Array.from({ length: effort.manyKeys }, (_, n) => `{"key":"${secretOf(n + 1)}","code":200}`);
  writeFileSync(bodies, lines.join("\n"));
  const sealing = await startPoolServer(file);
  const sealed = residentMegabytes(sealing.pid);
  const admin = await makeToken(sealing.url, { name: "bench", role: "admin" }).finally(() => sealing.stop());
  // The first start that opens sealed secrets compiles what that takes; later ones find it compiled.
  await (await startPoolServer(file)).stop();
  const server = await startPoolServer(file);
  try {
    const token = await makeToken(server.url, { name: "client", role: "client" }, admin);
    const read = async (path: string, token: string) => {
      const response = await fetch(server.url + path, { headers: { Authorization: `Bearer ${token}` } });
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      await response.text();
    };
    await read(HAND_OUT, token);
    await read("/metrics", admin);
    const loaded = residentMegabytes(server.pid);
    let errors = 0;
    for (let round = 0; round < effort.rounds; round++) {
      const load = { seconds: effort.roundSeconds, token };
      errors += (await tool.run({ ...load, url: server.url + HAND_OUT })).errors;
      errors += (await tool.run({ ...load, url: server.url + REPORT, bodies })).errors;
    }
    await read("/metrics", admin);
    const worked = residentMegabytes(server.pid);
    const row = (when: string, measured: number, goal: number, aim: number): Row => ({
      figure: `${figure}, ${when}`,
      unit: "MB",
      measured,
      demand: { on: "measured", is: "<", goal, aim },
    });
    return [
      row("loaded", loaded, 180, 150),
      { ...row("after requests", worked, 220, 180), errors },
      row("after a start that sealed them", sealed, 220, 180),
    ];
  } finally {
    await server.stop();
  }
};
