import { createClient } from "redis";
import { RedisCooldownStore } from "../../src/adapters/redis/index.ts";
import { PoolPieces } from "../../src/adapters/redis/pool-pieces.ts";
import { TAKE_TURN } from "../../src/adapters/redis/scripts/take-turn.ts";
import { NEW_STANDING } from "../../src/domain/index.ts";
import { CONNECTIONS } from "../load/load-tool.ts";
import { median } from "../statistics.ts";

export interface RedisResult {
  /** Turns per second through the store, and by calling its script with nothing around it. */
  readonly ours: number;
  readonly bare: number;
  /** Commands that reach Redis for one hand-out. */
  readonly commands: number;
}

const PREFIX = "bench:";
const POOL = { service: "speech", region: "eastasia" } as const;
const COUNTED = 1000;
const BATCH = 50_000;
const LAST_COMMAND = "that was the last hand-out";

const [url, ...numbers] = process.argv.slice(2) as [string, ...string[]];
const [keys, batches] = numbers.map(Number) as [number, number];
const client = await createClient({ url }).connect();
const store = new RedisCooldownStore(client, { prefix: PREFIX });
const seats = Array.from({ length: keys }, (_, n) => ({
  member: { id: n + 1, ...POOL, tag: null },
  standing: NEW_STANDING,
}));
await store.load(POOL, async function* () {
  yield seats;
});

const pieces = new PoolPieces(PREFIX, POOL.service, POOL.region).keys;
const options = { keys: pieces, arguments: ["round_robin"] };
const ours = async () => {
  const { status } = await store.take(POOL, "round_robin");
  if (status !== "taken") throw new Error(`A hand-out answered ${status}`);
};
const bare = () => client.evalSha(TAKE_TURN.sha, options);

const rates: readonly [number[], number[]] = [[], []];
for (let n = -2; n < batches; n++) {
  // Whoever comes second finds the machine as the first left it, so they change places.
  const sides = [ours, bare].map((take, index) => ({ take, rates: rates[index] }));
  for (const side of n % 2 ? sides.reverse() : sides) {
    const rate = await rateOf(side.take);
    if (n >= 0) side.rates?.push(rate);
  }
}
const result: RedisResult = {
  ours: median(rates[0]),
  bare: median(rates[1]),
  commands: await commandsOf(ours),
};
console.log(JSON.stringify(result));
client.destroy();

async function rateOf(take: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await takes(BATCH, take);
  return (BATCH / (performance.now() - startedAt)) * 1000;
}

/** As many callers at once as the load over HTTP has connections. */
async function takes(count: number, take: () => Promise<unknown>): Promise<void> {
  let left = count;
  const caller = async () => {
    while (left-- > 0) await take();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, caller));
}

/** What MONITOR sees arrive; what a script does inside Redis is no trip of ours. */
async function commandsOf(take: () => Promise<unknown>): Promise<number> {
  const monitor = await client.duplicate().connect();
  const ended = Promise.withResolvers<void>();
  let commands = 0;
  await monitor.monitor((line) => {
    if (line.includes(LAST_COMMAND)) ended.resolve();
    else if (!/^\S+ \[\d+ lua\]/.test(line)) commands++;
  });
  await takes(COUNTED, take);
  await client.echo(LAST_COMMAND);
  await ended.promise;
  monitor.destroy();
  return commands / COUNTED;
}
