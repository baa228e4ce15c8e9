import { connect } from "../../test/servers/redis-server.ts";
import { median } from "../statistics.ts";
import { byCallers } from "./callers.ts";
import { countCommands } from "./count-commands.ts";
import { untilIdle } from "./idle.ts";
import { openRedisPool } from "./redis-pool.ts";

/** What many callers and one caller see, and what it costs the instance's process until it is idle again. */
export interface ActSpeed {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly cpuMicros: number;
}

export interface RedisActsResult {
  readonly report: ActSpeed;
  readonly enable: ActSpeed;
  /** One round trip to a script that does nothing, then one commit of one row. */
  readonly anchor: ActSpeed;
  /** For each act, the commands that reach Redis, by name. */
  readonly commands: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const COUNTED = 100;
/** Keys that one caller reports, and then enables, in each round. */
const ALONE = 50;
const WARM_UPS = 2;

const [redisUrl, databaseUrl, region, elsewhere, ...numbers] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  ...string[],
];
const [keys, rounds] = numbers.map(Number) as [number, number];
const pool = await openRedisPool(redisUrl, databaseUrl, region);
const client = await connect(redisUrl);
const nothing = await client.scriptLoad("return 1");

const acts = {
  report: (n: number) => pool.report429(n),
  enable: (n: number) => pool.enable(n),
  anchor: async () => {
    await client.evalSha(nothing);
    await pool.commit();
  },
};
type Act = keyof typeof acts;
const names = Object.keys(acts) as Act[];
const seen = Object.fromEntries(
  names.map((name) => [name, { rates: [] as number[], times: [] as number[], cpu: [] as number[] }]),
) as Record<Act, { rates: number[]; times: number[]; cpu: number[] }>;

for (let round = -WARM_UPS; round < rounds; round++) {
  for (const name of names) {
    const { perSecond, cpuMicros } = await speedOf(acts[name]);
    if (round < 0) continue;
    seen[name].rates.push(perSecond);
    seen[name].cpu.push(cpuMicros);
  }
  for (const name of names) {
    for (let n = 1; n <= ALONE; n++) {
      const startedAt = performance.now();
      await acts[name](n);
      if (round >= 0) seen[name].times.push(performance.now() - startedAt);
    }
    await untilIdle();
  }
}
const result: RedisActsResult = {
  report: summary("report"),
  enable: summary("enable"),
  anchor: summary("anchor"),
  commands: {
    "hand-out": await commandsOf(() => pool.handOut()),
    "report 429": await commandsOf((n) => pool.report429(n)),
    enable: await commandsOf((n) => pool.enable(n)),
    move: await commandsOf((n) => pool.move(n, elsewhere)),
    delete: await commandsOf((n) => pool.remove(n)),
  },
};
console.log(JSON.stringify(result));
client.destroy();
await pool.stop();

async function speedOf(act: (n: number) => Promise<unknown>) {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  await byCallers(keys, act);
  const perSecond = (keys / (performance.now() - startedAt)) * 1000;
  await untilIdle();
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond, cpuMicros: (user + system) / keys };
}

function summary(name: Act): ActSpeed {
  const { rates, times, cpu } = seen[name];
  return { perSecond: median(rates), medianMs: median(times), cpuMicros: median(cpu) };
}

/** One caller, and the keys that are seeded in the region itself: every second one. */
async function commandsOf(act: (n: number) => Promise<unknown>): Promise<Record<string, number>> {
  const counts = await countCommands(client, async () => {
    for (let n = 0; n < COUNTED; n++) await act(1 + 2 * n);
  });
  return Object.fromEntries([...counts].map(([name, count]) => [name, count / COUNTED]));
}
