import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Figure } from "../bench.ts";
import { KeyWatchers } from "../processes/key-watchers.ts";
import { ask, HAND_OUT, REPORT, startPoolServer } from "../processes/pool-server.ts";
import { processorMs } from "../processes/processor-time.ts";
import { SharedPool } from "../processes/shared-pool.ts";
import { inFigures } from "../render-table.ts";
import { type Row, unmeasured } from "../row.ts";
import { secretOf, seedKeys } from "../seed.ts";
import { median, percentile } from "../statistics.ts";

const WATCHERS = 1_000;
const POLLERS = 10;
const ASK_EVERY_MS = 500;
/** Two heartbeats of each stream. */
const WINDOW_MS = 30_000;
const SETTLING_MS = 10_000;

export const watch: Figure = async (bench) => [...(await untilTold(bench)), await costOfWatching(bench)];

/** All have the same key, and all lose it. */
async function untilTold({ effort }: Bench): Promise<readonly Row[]> {
  const times = 2 * effort.repetitions;
  const found = await SharedPool.open(2 * times + 2, ["eastasia"]);
  if ("missing" in found) return [unmeasured("a 429, until watchers have another key", found.missing)];
  const pool = found.server;
  try {
    const last = await pool.startInstance();
    const others = [(await pool.startInstance()).url, (await pool.startInstance()).url];
    const urls = [...others, last.url];
    const [first = ""] = urls;
    await ask(`${first}/api/config/key_rotation_strategy`, "PUT", { config_value: "sticky" });
    // The others hear of that by news.
    await sleep(1_000);
    let next = 1;
    const delays = async (count: number) => {
      const watchers = await KeyWatchers.open(urls, count);
      const all: number[] = [];
      for (let n = 0; n < times; n++, next++) {
        const url = urls[n % urls.length] as string;
        const report = { key: secretOf(next), code: 429 };
        all.push(...(await watchers.untilAllAreTold(count, () => ask(url + REPORT, "POST", report))));
      }
      watchers.close();
      return all;
    };
    const few = await delays(urls.length);
    const many = await delays(WATCHERS);
    await last.stop("SIGKILL");
    const startedAt = performance.now();
    const again = await KeyWatchers.open(others, Math.ceil(WATCHERS / urls.length));
    const reconnectedMs = performance.now() - startedAt;
    again.close();
    return [
      rowOf("a 429, until a watcher of any of 3 instances has another key", few, 50),
      rowOf("a 429, until 1,000 watchers of 3 instances have another key", many, 250),
      {
        figure: "a third of 1,000 watchers whose instance was killed, until all have a key at the others",
        unit: "ms",
        measured: reconnectedMs,
        demand: { on: "measured", is: "<", goal: 1_000 },
      },
    ];
  } finally {
    await pool.stop();
  }
}

function rowOf(figure: string, delays: readonly number[], goal: number): Row {
  return {
    figure,
    unit: "ms",
    measured: percentile(delays, 99),
    demand: { on: "measured", is: "<", goal },
    note: `p99; median ${inFigures(median(delays))}, the last ${inFigures(Math.max(...delays))} ms`,
  };
}

/** What the server takes of the processor, beyond what it takes when nobody calls. */
async function costOfWatching({ effort, scratchFile }: Bench): Promise<Row> {
  const figure = "processor time of 1,000 watchers, against 10 who ask twice a second";
  if (!existsSync("/proc/self/schedstat")) return unmeasured(figure, "needs Linux");
  const file = scratchFile("watch.db");
  await seedKeys(file, 1_000);
  const { url, pid, stop } = await startPoolServer(file);
  try {
    const during = async (what: () => Promise<() => void>) => {
      const end = await what();
      // What it takes to begin is not what it costs to go on.
      await sleep(SETTLING_MS);
      const before = processorMs(pid);
      await sleep(WINDOW_MS);
      const perSecond = (processorMs(pid) - before) / (WINDOW_MS / 1_000);
      end();
      await sleep(1_000);
      return perSecond;
    };
    const loads = {
      idle: async () => () => {},
      asking: async () => askAgainAndAgain(url),
      watching: async () => {
        const watchers = await KeyWatchers.open([url], WATCHERS);
        return () => watchers.close();
      },
    };
    // The first round is of code that is still being compiled. What else the machine does hurts all alike.
    const rounds: Record<keyof typeof loads, number>[] = [];
    for (let round = 0; round <= Math.ceil(effort.rounds / 2); round++) {
      const idle = await during(loads.idle);
      const [asking, watching] = [await during(loads.asking), await during(loads.watching)];
      rounds.push({ idle, asking, watching });
    }
    const [, ...measured] = rounds;
    const idle = median(measured.map(({ idle }) => idle));
    return {
      figure,
      unit: "ms/s",
      measured: median(measured.map(({ watching }) => watching)) - idle,
      anchor: median(measured.map(({ asking }) => asking)) - idle,
      demand: { on: "ratio", is: "<", goal: 1 },
      note: `${inFigures(idle)} ms/s when nobody calls`,
    };
  } finally {
    await stop();
  }
}

function askAgainAndAgain(url: string): () => void {
  const timers = Array.from({ length: POLLERS }, () =>
    setInterval(() => void ask(url + HAND_OUT).then((answer) => answer.text()), ASK_EVERY_MS),
  );
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
