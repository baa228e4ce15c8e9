import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PrivatePostgres } from "../../test/servers/postgres-server.ts";
import { findPrivateRedis } from "../../test/servers/redis-server.ts";
import type { Bench, Figure } from "../bench.ts";
import type { ActSpeed, RedisActsResult } from "../processes/redis-acts.ts";
import { inFigures } from "../render-table.ts";
import { type Demand, type Row, unmeasured } from "../row.ts";
import { seedKeys, seedShared } from "../seed.ts";

const run = promisify(execFile);
const PROGRAM = "bench/processes/redis-acts.ts";
const REGIONS = ["eastasia", "westus"] as const;
const KEYS = 1000;

/** The most calls to the shared store that an act may take. */
const MOST_CALLS = { "hand-out": 1, "report 429": 3, enable: 3, move: 3, delete: 2 };

/** Against one round trip and one commit. Besides its own commit, an act is three trips and the rules. */
interface Demands {
  readonly rate: Demand;
  readonly latency: Demand;
}

const ON_SQLITE: Demands = {
  rate: { on: "ratio", is: "≥", goal: 0.14 },
  latency: { on: "ratio", is: "≤", goal: 3.2 },
};
const ON_POSTGRES: Demands = {
  rate: { on: "ratio", is: "≥", goal: 0.08 },
  latency: { on: "ratio", is: "≤", goal: 2.6 },
};

/** What changes a key where instances share Redis: its calls, and its speed against the least it has to do. */
export const redisActs: Figure = async (bench) => {
  const onSqlite = await measured(bench, async () => {
    const file = bench.scratchFile("redis-acts.db");
    await seedKeys(file, KEYS, REGIONS);
    return { url: `sqlite:${file}`, stop: async () => {} };
  });
  const onPostgres = await measured(bench, async () => {
    const found = await PrivatePostgres.start();
    if ("missing" in found) return found;
    await seedShared(found.server.url, KEYS, REGIONS);
    return { url: found.server.url, stop: () => found.server.stop() };
  });
  return [
    ...callsIn(onSqlite),
    ...speedsIn(onSqlite, "Redis and SQLite", ON_SQLITE),
    ...speedsIn(onPostgres, "Redis and PostgreSQL", ON_POSTGRES),
  ];
};

interface Missing {
  readonly missing: string;
}

async function measured(
  { effort }: Bench,
  openDatabase: () => Promise<{ readonly url: string; stop(): Promise<void> } | Missing>,
): Promise<RedisActsResult | Missing> {
  const redis = await findPrivateRedis();
  if ("missing" in redis) return redis;
  try {
    const database = await openDatabase();
    if ("missing" in database) return database;
    try {
      const numbers = [KEYS, effort.repetitions].map(String);
      const { stdout } = await run(process.execPath, [
        PROGRAM,
        redis.server.url,
        database.url,
        ...REGIONS,
        ...numbers,
      ]);
      return JSON.parse(stdout);
    } finally {
      await database.stop();
    }
  } finally {
    await redis.server.stop();
  }
}

function callsIn(result: RedisActsResult | Missing): readonly Row[] {
  if ("missing" in result) return [unmeasured("calls to Redis", result.missing)];
  return Object.entries(MOST_CALLS).map(([act, goal]) => {
    // Nothing waits for what is told to others.
    const { publish = 0, xadd = 0, ...calls } = result.commands[act] ?? {};
    const told = publish + xadd;
    return {
      figure: `calls to Redis: ${act}`,
      unit: "",
      measured: Object.values(calls).reduce((sum, count) => sum + count, 0),
      demand: { on: "measured", is: "≤", goal },
      ...(told > 0 && {
        note: `and ${inFigures(publish)} message, ${inFigures(xadd)} events to other instances`,
      }),
    };
  });
}

function speedsIn(
  result: RedisActsResult | Missing,
  where: string,
  { rate, latency }: Demands,
): readonly Row[] {
  if ("missing" in result) return [unmeasured(`report 429 and enable, ${where}`, result.missing)];
  const { report, enable, anchor } = result;
  const rowsOf = (figure: string, { perSecond, medianMs, cpuMicros }: ActSpeed): readonly Row[] => [
    {
      figure: `${figure}, ${where}`,
      unit: "/s",
      measured: perSecond,
      anchor: anchor.perSecond,
      demand: rate,
      note: `${inFigures(cpuMicros)} µs of CPU each, anchor ${inFigures(anchor.cpuMicros)}`,
    },
    {
      figure: `${figure}, ${where}, one caller`,
      unit: "ms",
      measured: medianMs,
      anchor: anchor.medianMs,
      demand: latency,
    },
  ];
  return [...rowsOf("report 429", report), ...rowsOf("enable", enable)];
}
