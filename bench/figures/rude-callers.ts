import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Figure } from "../bench.ts";
import { watchHandOuts } from "../load/watch-hand-outs.ts";
import type { ChildServer } from "../processes/child-server.ts";
import { startPoolServer } from "../processes/pool-server.ts";
import { forgetPeak, peakMegabytes, residentMegabytes } from "../processes/resident-megabytes.ts";
import type { Row } from "../row.ts";
import { seedKeys } from "../seed.ts";

const run = promisify(execFile);
const PROGRAM = "bench/processes/rude-callers.ts";
const LISTS = 10;
const TESTS = 50_000;
const ROUNDS = 3;
/** How long the others are watched when the rude ones are gone: what they have asked for may go on. */
const AFTERMATH_MS = 1_000;
const QUIET_MS = 2_000;

/** What everybody else notices of callers that ask for too much and hang up. */
export const rudeCallers: Figure = async ({ effort, scratchFile }) => {
  const file = scratchFile("rude.db");
  await seedKeys(file, effort.manyKeys);
  const azure = await startSilentAzure();
  const server = await startPoolServer(file, { AZURE_SPEECH_URL: azure.url });
  try {
    // The second time, for at first the code is still being compiled.
    await watchHandOuts(server.url, sleep(QUIET_MS));
    const { slowestMs: quiet } = await watchHandOuts(server.url, sleep(QUIET_MS));
    return [
      ...(await watched(server, quiet, `${LISTS} full lists of 100,000 keys`, ["lists", String(LISTS)])),
      ...(await watched(server, quiet, `50,000 tests down one connection`, ["tests", String(TESTS)])),
    ];
  } finally {
    await server.stop();
    azure.stop();
  }
};

async function watched(
  { url, pid }: ChildServer,
  quiet: number,
  figure: string,
  rudeness: readonly string[],
): Promise<readonly Row[]> {
  const canSeeMemory = existsSync("/proc/self/clear_refs");
  const resident = canSeeMemory ? residentMegabytes(pid) : 0;
  if (canSeeMemory) forgetPeak(pid);
  const slowest: number[] = [];
  let answered = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const rude = run(process.execPath, [PROGRAM, url, ...rudeness]).then(() => sleep(AFTERMATH_MS));
    const seen = await watchHandOuts(url, rude);
    slowest.push(seen.slowestMs);
    answered += seen.answered;
  }
  const slow: Row = {
    figure: `slowest hand-out beside ${figure}, given up`,
    unit: "ms",
    measured: Math.max(...slowest),
    anchor: quiet,
    demand: { on: "measured", is: "<", goal: 250, aim: 100 },
    note: `of ${answered.toLocaleString("en-US")} in ${ROUNDS} rounds`,
  };
  if (!canSeeMemory) return [slow];
  const megabytes = peakMegabytes(pid) - resident;
  const demand = { on: "measured", is: "<", goal: 100 } as const;
  return [slow, { figure: `memory they take, at most`, unit: "MB", measured: megabytes, demand }];
}

/** Takes connections and never says a word. */
async function startSilentAzure(): Promise<{ readonly url: string; stop(): void }> {
  const server = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}
