import type { Figure } from "../bench.ts";
import { eligibleAgain } from "./eligible-again.ts";
import { firstView } from "./first-view.ts";
import { handOutInProcess } from "./hand-out-in-process.ts";
import { handOutOverHttp } from "./hand-out-over-http.ts";
import { handOutOverRedis } from "./hand-out-over-redis.ts";
import { handOutRedisHttp } from "./hand-out-redis-http.ts";
import { lease } from "./lease.ts";
import { logs } from "./logs.ts";
import { memory } from "./memory.ts";
import { metrics } from "./metrics.ts";
import { redisActs } from "./redis-acts.ts";
import { reportOverHttp } from "./report-over-http.ts";
import { rudeCallers } from "./rude-callers.ts";
import { sealing } from "./sealing.ts";
import { sharedMemory } from "./shared-memory.ts";
import { staleness } from "./staleness.ts";
import { start } from "./start.ts";
import { storm } from "./storm.ts";
import { token } from "./token.ts";
import { underAttack } from "./under-attack.ts";
import { watch } from "./watch.ts";

/** By the name that the command line takes, in the order of the table. */
export const FIGURES: Readonly<Record<string, Figure>> = {
  "hand-out": handOutOverHttp,
  report: reportOverHttp,
  lease,
  "in-process": handOutInProcess,
  storm,
  eligible: eligibleAgain,
  start,
  memory,
  sealing,
  "first-view": firstView,
  logs,
  "rude-callers": rudeCallers,
  token,
  metrics,
  "under-attack": underAttack,
  redis: handOutOverRedis,
  "redis-http": handOutRedisHttp,
  "redis-acts": redisActs,
  staleness,
  watch,
  "shared-memory": sharedMemory,
};
