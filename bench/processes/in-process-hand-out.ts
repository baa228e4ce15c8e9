import { createInMemoryPorts } from "../../src/adapters/in-memory/index.ts";
import { createKeyPool } from "../../src/application/index.ts";
import { secretOf } from "../seed.ts";
import { median, percentile } from "../statistics.ts";

export interface InProcessResult {
  readonly perSecond: number;
  readonly p99Micros: number;
}

const BATCH = 200_000;
const WARM_UPS = 3;
const POOL = { service: "speech", region: "eastasia" } as const;

const [keys, batches] = process.argv.slice(2).map(Number) as [number, number];
// Jobs would run in the middle of a batch.
const scheduler = { after: () => () => {} };
const pool = createKeyPool({ ...createInMemoryPorts(), scheduler });
await pool.start();
for (let n = 1; n <= keys; n++) await pool.addKey.execute({ ...POOL, secret: secretOf(n) });

const rates: number[] = [];
const latencies: number[] = [];
for (let batch = -WARM_UPS; batch < batches; batch++) {
  const rate = await rateOfBatch();
  await writeUsage();
  const timed = await timesOfBatch();
  await writeUsage();
  if (batch < 0) continue;
  rates.push(rate);
  latencies.push(percentile(timed, 99));
}
const result: InProcessResult = { perSecond: median(rates), p99Micros: median(latencies) };
console.log(JSON.stringify(result));

/** As often as a server does. It is no part of a hand-out, nor is collecting what it leaves behind. */
async function writeUsage(): Promise<void> {
  await pool.jobs.run("write usage");
  globalThis.gc?.();
}

async function rateOfBatch(): Promise<number> {
  const startedAt = performance.now();
  for (let n = 0; n < BATCH; n++) {
    const { status } = await pool.handOutKey.execute(POOL);
    if (status !== "handed-out") throw new Error(`A hand-out answered ${status}`);
  }
  return (BATCH / (performance.now() - startedAt)) * 1000;
}

/** Each hand-out on its own, in µs; reading the timer is part of it. */
async function timesOfBatch(): Promise<number[]> {
  const times = new Array<number>(BATCH).fill(0);
  for (let n = 0; n < BATCH; n++) {
    const startedAt = performance.now();
    await pool.handOutKey.execute(POOL);
    times[n] = (performance.now() - startedAt) * 1000;
  }
  return times;
}
