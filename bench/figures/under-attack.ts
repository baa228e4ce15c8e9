import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Figure } from "../bench.ts";
import { watchHandOuts } from "../load/watch-hand-outs.ts";
import { closeDoor } from "../processes/close-door.ts";
import { startPoolServer } from "../processes/pool-server.ts";
import type { Row } from "../row.ts";
import { seedKeys } from "../seed.ts";
import { median } from "../statistics.ts";

const run = promisify(execFile);
const PROGRAM = "bench/processes/attackers.ts";
const KEYS = 10_000;
const TOKENS = 100;
const ROUNDS = 3;
const ROUND_MS = 4_000;

/** By the name that the attackers' program takes. */
const ATTACKS = {
  "slow-loris": "500 slow-loris connections",
  "oversized-headers": "headers of 64 kB",
  "idle-connections": "5,000 idle connections",
  "endless-pipelining": "four endless pipelines",
  "hanging-uploads": "200 hanging uploads",
  "list-floods": "20 list floods",
  "failed-logins": "eight floods of wrong tokens",
} as const;

/** What a client with a good token notices of attackers who have none. */
export const underAttack: Figure = async ({ scratchFile }) => {
  const file = scratchFile("attacked.db");
  await seedKeys(file, KEYS);
  const server = await startPoolServer(file);
  try {
    const token = await closeDoor(server.url, TOKENS);
    const watch = async (meanwhile: Promise<unknown>) =>
      (await watchHandOuts(server.url, meanwhile, token)).p99Ms;
    // The second time, for at first the code is still being compiled.
    await watch(sleep(ROUND_MS));
    const rows: Row[] = [];
    for (const [attack, figure] of Object.entries(ATTACKS)) {
      const [attacked, quiet]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        quiet.push(await watch(sleep(ROUND_MS / 2)));
        attacked.push(await watch(run(process.execPath, [PROGRAM, server.url, attack, String(ROUND_MS)])));
      }
      rows.push({
        figure: `p99 of a good client's hand-out beside ${figure}`,
        unit: "ms",
        measured: median(attacked),
        anchor: median(quiet),
        demand: { on: "ratio", is: "≤", goal: 3 },
      });
    }
    return rows;
  } finally {
    await server.stop();
  }
};
