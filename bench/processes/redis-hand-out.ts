import { RedisCooldownStore } from "../../src/adapters/redis/index.ts";
import { PoolPieces } from "../../src/adapters/redis/pool-pieces.ts";
import { TAKE_TURN } from "../../src/adapters/redis/scripts/take-turn.ts";
import { NEW_STANDING } from "../../src/domain/index.ts";
import { connect } from "../../test/servers/redis-server.ts";
import { median } from "../statistics.ts";
import { byCallers } from "./callers.ts";
import { countCommands } from "./count-commands.ts";

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

const [url, ...numbers] = process.argv.slice(2) as [string, ...string[]];
const [keys, batches] = numbers.map(Number) as [number, number];
const client = await connect(url);
const store = new RedisCooldownStore(client, { prefix: PREFIX });
const seats = Array.from({ length: keys }, (_, n) => ({
  member: { id: n + 1, ...POOL, tag: null, maxInFlight: null, placement: 0 },
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
  await byCallers(BATCH, take);
  return (BATCH / (performance.now() - startedAt)) * 1000;
}

async function commandsOf(take: () => Promise<unknown>): Promise<number> {
  const counts = await countCommands(client, () => byCallers(COUNTED, take));
  return [...counts.values()].reduce((sum, count) => sum + count, 0) / COUNTED;
}
