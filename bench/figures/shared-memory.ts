import { existsSync } from "node:fs";
import { connect } from "../../test/servers/redis-server.ts";
import type { Figure } from "../bench.ts";
import type { ChildServer } from "../processes/child-server.ts";
import { ask } from "../processes/pool-server.ts";
import { residentMegabytes } from "../processes/resident-megabytes.ts";
import { SharedPool } from "../processes/shared-pool.ts";
import { inFigures } from "../render-table.ts";
import { type Row, unmeasured } from "../row.ts";
import { median } from "../statistics.ts";

const INSTANCES = 3;
const KEYS = 10_000;
const REGIONS = Array.from({ length: 30 }, (_, n) => `region${n + 1}`);

/** What several instances that share a pool hold, each and in Redis. */
export const sharedMemory: Figure = async ({ tool, effort }) => {
  const figure = `10,000 keys in ${REGIONS.length} pools, ${INSTANCES} instances`;
  if (!existsSync("/proc/self/status")) return [unmeasured(figure, "only Linux tells it, in /proc")];
  const found = await SharedPool.open(KEYS, REGIONS);
  if ("missing" in found) return [unmeasured(figure, found.missing)];
  const pool = found.server;
  try {
    const empty = await usedMegabytes(pool.redisUrl);
    const instances: ChildServer[] = [];
    while (instances.length < INSTANCES) instances.push(await pool.startInstance());
    for (const { url } of instances) {
      for (const region of REGIONS) await ask(`${url}/api/keys/get?region=${region}`);
    }
    const loaded = rowOf(`${figure}: an instance, loaded`, instances);
    for (const { url } of instances) {
      await tool.run({ url: `${url}/api/keys/get?region=${REGIONS[0]}`, seconds: effort.roundSeconds });
    }
    const worked = rowOf(`${figure}: an instance, after requests`, instances);
    const redis = (await usedMegabytes(pool.redisUrl)) - empty;
    return [loaded, worked, { figure: `${figure}: Redis`, unit: "MB", measured: redis }];
  } finally {
    await pool.stop();
  }
};

function rowOf(figure: string, instances: readonly ChildServer[]): Row {
  const megabytes = instances.map(({ pid }) => residentMegabytes(pid));
  const note = `each ${megabytes.map(inFigures).join(", ")} MB`;
  return { figure, unit: "MB", measured: median(megabytes), note };
}

async function usedMegabytes(url: string): Promise<number> {
  const client = await connect(url);
  try {
    const [, bytes] = /^used_memory:(\d+)/m.exec(await client.info("memory")) ?? [];
    return Number(bytes) / 1e6;
  } finally {
    client.destroy();
  }
}
