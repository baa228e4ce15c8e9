import { findPrivateRedis } from "../../test/servers/redis-server.ts";
import type { Figure } from "../bench.ts";
import { loadInTurn } from "../load/in-turn.ts";
import { startBare } from "../processes/bare.ts";
import type { ChildServer } from "../processes/child-server.ts";
import { ask, HAND_OUT, startPoolServer } from "../processes/pool-server.ts";
import { unmeasured } from "../row.ts";
import { seedKeys } from "../seed.ts";

const KEYS = 1000;

/** As over HTTP alone, but the turns are taken in Redis. */
export const handOutRedisHttp: Figure = async ({ tool, effort, scratchFile }) => {
  const figure = "GET /keys/get, 1,000 keys, SQLite and Redis";
  const found = await findPrivateRedis();
  if ("missing" in found) return [unmeasured(figure, found.missing)];
  const started: { stop(): Promise<void> }[] = [found.server];
  const keep = <T extends ChildServer>(server: T): T => {
    started.unshift(server);
    return server;
  };
  try {
    const file = scratchFile("hand-out-redis.db");
    await seedKeys(file, KEYS);
    const server = keep(await startPoolServer(file, { REDIS_URL: found.server.url }));
    const bare = keep(await startBare(await ask(server.url + HAND_OUT)));
    const { ours, anchors } = await loadInTurn(
      tool,
      effort,
      { url: server.url + HAND_OUT },
      { url: bare.url + HAND_OUT },
    );
    return [
      {
        figure,
        unit: "/s",
        measured: ours.perSecond,
        anchor: anchors.perSecond,
        errors: ours.errors,
        demand: { on: "ratio", is: "≥", goal: 0.36, aim: 0.7 },
      },
      { figure: `${figure}, p99`, unit: "ms", measured: ours.p99Ms, anchor: anchors.p99Ms },
    ];
  } finally {
    for (const server of started) await server.stop();
  }
};
