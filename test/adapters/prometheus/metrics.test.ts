import { Counter, Registry } from "@prometheus-io/client";
import { describe, expect, it } from "vitest";
import { createInMemoryPorts, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import { createMetrics, type Metrics } from "../../../src/adapters/prometheus/index.ts";
import { createKeyPool, type KeyPool } from "../../../src/application/index.ts";
import type { HealthIndicator, KeyRepository, PartHealth } from "../../../src/domain/index.ts";
import { breakable } from "../../../src/testing/breakable.ts";
import { JOBS_BY_HAND, secretOf } from "../../../src/testing/pool.ts";
import { readScrape, type Scraped, seriesOf } from "../../situations/scrape.ts";

interface Watched {
  readonly pool: KeyPool;
  readonly metrics: Metrics;
  readonly keys: ReturnType<typeof breakable<KeyRepository>>;
  readonly clock: ManualClock;
  read(): Promise<Scraped>;
}

async function watchedPool(health: readonly HealthIndicator[] = []): Promise<Watched> {
  const clock = new ManualClock();
  const ports = createInMemoryPorts(clock);
  const keys = breakable(ports.keys);
  const metrics = createMetrics({ ofProcess: false });
  const pool = createKeyPool(
    { ...ports, keys: keys.port, health, scheduler: JOBS_BY_HAND },
    { onEvent: metrics.onEvent },
  );
  metrics.watch(pool);
  await pool.start();
  return { pool, metrics, keys, clock, read: () => read(metrics) };
}

const read = async (metrics: Metrics) => readScrape((await metrics.scrape()).text);
const add = (pool: KeyPool, number: number, region = "eastasia") =>
  pool.addKey.execute({ service: "speech", region, secret: secretOf(number) });
const report = (pool: KeyPool, number: number, code: number) =>
  pool.reportCode.execute({ service: "speech", secret: secretOf(number), code });

describe("a histogram", () => {
  it("counts a value in the first bucket that holds it, and in every one after", async () => {
    const metrics = createMetrics({ ofProcess: false });
    for (const rows of [1, 2, 2, 3, 500, 501]) metrics.onCommit(rows, 1);
    const scraped = await read(metrics);
    const bucket = (le: string) => scraped.get(`commit_rows_bucket{le="${le}"}`);
    expect(["1", "2", "5", "250", "500", "+Inf"].map(bucket)).toEqual([1, 3, 4, 4, 5, 6]);
    expect([scraped.get("commit_rows_sum"), scraped.get("commit_rows_count")]).toEqual([1009, 6]);
    expect(scraped.get('commit_seconds_bucket{le="0.0005"}')).toBe(0);
    expect(scraped.get('commit_seconds_bucket{le="0.001"}')).toBe(6);
  });

  it("tells the answers of a route apart by the class of their status, and nothing of what was not answered", async () => {
    const metrics = createMetrics({ ofProcess: false });
    const count = metrics.route("/a/:key", "GET");
    metrics.route("/never", "GET");
    for (const status of [200, 201, 304, 404, 503]) count(status, 2);
    expect(seriesOf(await read(metrics), "http_request_seconds_count")).toEqual([
      "/a/:key GET 2xx 2",
      "/a/:key GET 3xx 1",
      "/a/:key GET 4xx 1",
      "/a/:key GET 5xx 1",
    ]);
  });
});

describe("what could have any number of names", () => {
  it("has a hundred regions and one for all others, the same ones everywhere", async () => {
    const { pool, read } = await watchedPool();
    for (let n = 1; n <= 130; n++) {
      await add(pool, n, `region${n}`);
      await pool.handOutKey.execute({ service: "speech", region: `region${n}` });
      await report(pool, n, n % 2 === 0 ? 429 : 401);
    }
    const scraped = await read();
    const regions = new Set([...scraped.keys()].flatMap((name) => /region="([^"]*)"/.exec(name)?.[1] ?? []));
    expect(regions.size).toBe(101);
    expect(scraped.get('keys{service="speech",region="other",status="cooldown"}')).toBe(15);
    expect(scraped.get('keys{service="speech",region="other",status="disabled"}')).toBe(15);
    expect(scraped.get('handouts_total{service="speech",region="other",outcome="handed_out"}')).toBe(30);
    expect(scraped.get('cooldowns_total{service="speech",region="other"}')).toBe(15);
    expect(scraped.get('disables_total{service="speech",region="other",code="401"}')).toBe(15);
  });

  it("has thirty codes and one for all others", async () => {
    const { pool, read } = await watchedPool();
    const codes = Array.from({ length: 40 }, (_, n) => 430 + n);
    await pool.settings.save({ name: "disable_codes", value: codes.join(",") });
    await add(pool, 1);
    for (const code of codes) {
      await report(pool, 1, code);
      await pool.enableKey.execute("speech", secretOf(1));
    }
    const disables = seriesOf(await read(), "disables_total");
    expect(disables).toHaveLength(31);
    expect(disables).toContain("speech eastasia other 10");
  });
});

describe("the pool that is watched", () => {
  it("has a zero for what has not happened to its keys yet", async () => {
    const { pool, read } = await watchedPool();
    await add(pool, 1);
    const scraped = await read();
    for (const outcome of ["handed_out", "all_away", "no_key"]) {
      expect(scraped.get(`handouts_total{service="speech",region="eastasia",outcome="${outcome}"}`)).toBe(0);
    }
    expect(scraped.get('cooldowns_total{service="speech",region="eastasia"}')).toBe(0);
  });

  it("owes what its storage refuses, until it takes it", async () => {
    const { pool, keys, read } = await watchedPool();
    await add(pool, 1);
    await add(pool, 2);
    keys.break("settle");
    for (const number of [1, 2]) await expect(report(pool, number, 429)).rejects.toThrow();
    expect((await read()).get("owed_writes")).toBe(2);
    expect((await read()).get('degraded{part="writes"}')).toBe(1);
    keys.mend();
    await pool.jobs.run("write owed changes");
    expect((await read()).get("owed_writes")).toBe(0);
    // They count once they are durable.
    expect(seriesOf(await read(), "cooldowns_total")).toEqual(["speech eastasia 2"]);
  });

  it.each<[string, PartHealth, Record<string, number | undefined>]>([
    ["database", { status: "up" }, { database_up: 1, shared_store_up: undefined, degraded: 0 }],
    ["database", { status: "degraded", reason: "r" }, { database_up: 1, degraded: 1 }],
    ["database", { status: "down", reason: "r" }, { database_up: 0, degraded: 1 }],
    ["redis", { status: "up" }, { database_up: undefined, shared_store_up: 1, degraded: 0 }],
    ["redis", { status: "down", reason: "r" }, { shared_store_up: 0, degraded: 1 }],
    ["cooldown_store", { status: "degraded", reason: "r" }, { shared_store_up: 0, degraded: 1 }],
  ])("says of a %s that is %j what that means", async (part, state, expected) => {
    const indicator = { part, essential: false, check: async () => state };
    const { read } = await watchedPool([indicator]);
    const scraped = await read();
    for (const [name, value] of Object.entries(expected)) {
      const series = name === "degraded" ? `degraded{part="${part}"}` : name;
      expect(scraped.get(series), series).toBe(value);
    }
  });

  it("is asked how its parts are once for a scrape", async () => {
    let asked = 0;
    const check = async (): Promise<PartHealth> => {
      asked++;
      return { status: "up" };
    };
    const { read } = await watchedPool([{ part: "database", essential: false, check }]);
    await read();
    expect(asked).toBe(1);
    await read();
    expect(asked).toBe(2);
  });
});

describe("the time alone", () => {
  it("adds up, and goes on while it lasts", async () => {
    let now = 0;
    const metrics = createMetrics({ ofProcess: false, monotonic: () => now });
    const alone = async () => (await read(metrics)).get("instance_alone_seconds_total");
    metrics.onAlone();
    now = 1_000;
    metrics.onAlone();
    now = 2_500;
    expect(await alone()).toBe(2.5);
    metrics.onTogether();
    now = 9_000;
    metrics.onTogether();
    expect(await alone()).toBe(2.5);
    metrics.onAlone();
    now = 9_500;
    expect(await alone()).toBe(3);
  });
});

describe("a program that has metrics of its own", () => {
  it("merges these with them", async () => {
    const { pool, metrics } = await watchedPool();
    await add(pool, 1);
    const own = new Registry();
    new Counter({ name: "own_total", help: "Own.", registers: [own] }).inc();
    const text = await Registry.merge([own, await metrics.registry()]).metrics();
    expect(text).toContain("own_total 1\n");
    expect(text).toContain('azure_key_pool_keys{service="speech",region="eastasia",status="enabled"} 1\n');
    expect(text).not.toContain("process_cpu");
  });

  it("keeps what histograms have counted when it empties its registry", async () => {
    const { metrics, read } = await watchedPool();
    metrics.onCommit(1, 1);
    (await metrics.registry()).resetMetrics();
    expect((await read()).get("commit_rows_count")).toBe(1);
  });
});
