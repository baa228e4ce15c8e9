import { pino } from "pino";
import { openDatabase } from "../../src/adapters/mikro-orm/index.ts";
import { createKeyPool, TIMER_SCHEDULER } from "../../src/application/index.ts";
import { openSharedCooldowns } from "../../src/bootstrap/open-shared-cooldowns.ts";
import { keyLogDraft } from "../../src/domain/index.ts";
import { secretOf } from "../seed.ts";

/** An instance in this process, over Redis and a database. Keys go by the number they were seeded with. */
export interface RedisPool {
  handOut(): Promise<unknown>;
  report429(n: number): Promise<unknown>;
  enable(n: number): Promise<unknown>;
  move(n: number, region: string): Promise<unknown>;
  remove(n: number): Promise<unknown>;
  /** Makes one row durable and does nothing else. */
  commit(): Promise<unknown>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;
/** The pool's jobs pause at least as long, and are left out; what an act waits for is shorter. */
const SHORTEST_JOB_MS = 1_000;

export async function openRedisPool(
  redisUrl: string,
  databaseUrl: string,
  region: string,
): Promise<RedisPool> {
  const silent = pino({ level: "silent" });
  const database = await openDatabase({ url: databaseUrl, usedBy: "instances" });
  const { clock, store, news, events, close } = await openSharedCooldowns(redisUrl, START_TIMEOUT_MS, silent);
  const { keys, log, settings } = database;
  const scheduler: typeof TIMER_SCHEDULER = {
    after: (ms, run) => (ms < SHORTEST_JOB_MS ? TIMER_SCHEDULER.after(ms, run) : () => {}),
  };
  const ports = { clock, keys, log, settings, cooldowns: store, events, scheduler };
  const pool = createKeyPool({ ...ports, ...(news && { news }) });
  await pool.start();
  // Protected, an enabled key would ignore the next 429.
  await pool.settings.save({ name: "protection_period_seconds", value: "0" });

  const row = keyLogDraft({ service: "speech", name: "key", region, id: 1 }, "cooldown_start", { at: 0 });
  return {
    handOut: async () => {
      const { status } = await pool.handOutKey.execute({ service: "speech", region });
      if (status !== "handed-out") throw new Error(`A hand-out answered ${status}`);
    },
    report429: async (n) => {
      const { action } = await pool.reportCode.execute({ service: "speech", secret: secretOf(n), code: 429 });
      if (action !== "cooldown") throw new Error(`A report answered ${action}`);
    },
    enable: (n) => pool.enableKey.execute("speech", secretOf(n)),
    move: (n, region) => pool.updateKey.execute("speech", secretOf(n), { region }),
    remove: (n) => pool.deleteKey.execute("speech", secretOf(n)),
    commit: () => log.append(row),
    stop: async () => {
      await pool.stop();
      await close();
      await database.close();
    },
  };
}
