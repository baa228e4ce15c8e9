import { createInMemoryPorts } from "../../src/adapters/in-memory/index.ts";
import { createKeyPool, type KeyPool } from "../../src/application/index.ts";
import { secretOf } from "../seed.ts";
import { median, percentile } from "../statistics.ts";

export interface InProcessResult {
  /** Hand-outs per second with many keys, and with ten. */
  readonly many: number;
  readonly few: number;
  readonly p99Micros: number;
}

const BATCH = 200_000;
const POOL = { service: "speech", region: "eastasia" } as const;

const [keys, batches] = process.argv.slice(2).map(Number) as [number, number];
const pools = [await poolOf(keys), await poolOf(10)] as const;
const rates: readonly [number[], number[]] = [[], []];
const latencies: number[] = [];
for (let batch = -3; batch < batches; batch++) {
  for (const [index, pool] of pools.entries()) {
    const rate = await rateOf(pool);
    if (batch >= 0) rates[index]?.push(rate);
    // As often as a server does, and for both pools alike; it is no part of a hand-out.
    await pool.writeUsage.execute();
  }
  const timed = await timesOf(pools[0]);
  if (batch >= 0) latencies.push(percentile(timed, 99));
  await pools[0].writeUsage.execute();
}
const result: InProcessResult = {
  many: median(rates[0]),
  few: median(rates[1]),
  p99Micros: median(latencies),
};
console.log(JSON.stringify(result));

async function poolOf(count: number): Promise<KeyPool> {
  const pool = createKeyPool(createInMemoryPorts());
  await pool.loadKeys.execute();
  for (let n = 1; n <= count; n++) {
    await pool.addKey.execute({ service: POOL.service, region: POOL.region, secret: secretOf(n) });
  }
  return pool;
}

async function rateOf({ handOutKey }: KeyPool): Promise<number> {
  const startedAt = performance.now();
  for (let n = 0; n < BATCH; n++) {
    const { status } = await handOutKey.execute(POOL);
    if (status !== "handed-out") throw new Error(`A hand-out answered ${status}`);
  }
  return (BATCH / (performance.now() - startedAt)) * 1000;
}

/** Each hand-out on its own, in µs; reading the timer is part of it. */
async function timesOf({ handOutKey }: KeyPool): Promise<number[]> {
  const times = new Array<number>(BATCH).fill(0);
  for (let n = 0; n < BATCH; n++) {
    const startedAt = performance.now();
    await handOutKey.execute(POOL);
    times[n] = (performance.now() - startedAt) * 1000;
  }
  return times;
}
