import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { findPrivateRedis } from "../../test/servers/redis-server.ts";
import type { Effort, Figure } from "../bench.ts";
import { loadInTurn } from "../load/in-turn.ts";
import type { LoadTool } from "../load/load-tool.ts";
import { ask, HAND_OUT, LEASE, startPoolServer } from "../processes/pool-server.ts";
import { type Row, unmeasured } from "../row.ts";
import { seedKeys } from "../seed.ts";

const KEYS = 1000;
/** What a second gives must not reach the limits, and runs out in the next. */
const LEASE_OF = { region: "eastasia", ttl_seconds: 1 };
const LIMIT = 10_000;

interface Served {
  readonly figure: string;
  readonly file: string;
  readonly bodies: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Leases against hand-outs of the same server; those run out by themselves, which is part of the price. */
export const lease: Figure = async ({ tool, effort, scratchFile }) => {
  const bodies = scratchFile("leases.jsonl");
  writeFileSync(bodies, JSON.stringify(LEASE_OF));
  const alone = await measured(tool, effort, {
    figure: "POST /leases, 1,000 keys with limits, against a hand-out",
    ...{ file: scratchFile("lease.db"), bodies },
  });
  const figure = "POST /leases with Redis, 1,000 keys with limits, against a hand-out";
  const found = await findPrivateRedis();
  if ("missing" in found) return [alone, unmeasured(figure, found.missing)];
  const { server } = found;
  try {
    const environment = { REDIS_URL: server.url };
    const file = scratchFile("lease-redis.db");
    return [alone, await measured(tool, effort, { figure, file, bodies, environment })];
  } finally {
    await server.stop();
  }
};

async function measured(
  tool: LoadTool,
  effort: Effort,
  { figure, file, bodies, environment }: Served,
): Promise<Row> {
  await seedKeys(file, KEYS, ["eastasia"], LIMIT);
  const server = await startPoolServer(file, environment);
  try {
    await settled(server.url);
    const [leases, handOuts] = [{ url: server.url + LEASE, bodies }, { url: server.url + HAND_OUT }];
    const { ours, anchors } = await loadInTurn(tool, effort, leases, handOuts);
    return {
      figure,
      unit: "/s",
      measured: ours.perSecond,
      anchor: anchors.perSecond,
      errors: ours.errors,
      demand: { on: "ratio", is: "≥", goal: 0.5, aim: 0.7 },
    };
  } finally {
    await server.stop();
  }
}

/** A list of leases that is new has to settle first. */
async function settled(url: string): Promise<void> {
  const isLeased = () =>
    ask(url + LEASE, "POST", LEASE_OF).then(
      () => true,
      () => false,
    );
  while (!(await isLeased())) await pause(100);
}
