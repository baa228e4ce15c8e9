import { beforeEach, describe, expect, it } from "vitest";
import {
  createInMemoryPorts,
  InMemoryDatabase,
  InMemoryNews,
  ManualClock,
} from "../../src/adapters/in-memory/index.ts";
import { createKeyPool, type PoolEvent, type Ports } from "../../src/application/index.ts";
import type { Announcement, Scheduler } from "../../src/domain/index.ts";
import { breakable } from "../../src/testing/breakable.ts";
import { addKeys, handOut, report } from "../../src/testing/pool.ts";
import { until } from "../../src/testing/until.ts";

const HOUR = 3_600_000;

/** Runs what is due when a test lets time pass. */
class HandScheduler implements Scheduler {
  #now = 0;
  #planned: { at: number; run: () => void }[] = [];

  after(ms: number, run: () => void): () => void {
    const plan = { at: this.#now + ms, run };
    this.#planned.push(plan);
    return () => {
      this.#planned = this.#planned.filter((one) => one !== plan);
    };
  }

  pass(ms: number): void {
    this.#now += ms;
    const due = this.#planned.filter(({ at }) => at <= this.#now);
    this.#planned = this.#planned.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }

  get isIdle(): boolean {
    return this.#planned.length === 0;
  }
}

/** News that knows how many listen. */
function countedNews() {
  const inner = new InMemoryNews();
  let listening = 0;
  return {
    publish: (announcement: Announcement) => inner.publish(announcement),
    subscribe: async (listener: (announcement: Announcement) => void) => {
      const end = await inner.subscribe(listener);
      listening++;
      return async () => {
        await end();
        listening--;
      };
    },
    get listening() {
      return listening;
    },
  };
}

describe("the life of a pool", () => {
  let clock: ManualClock;
  let database: InMemoryDatabase;
  let scheduler: HandScheduler;
  let events: PoolEvent[];
  beforeEach(() => {
    clock = new ManualClock();
    database = new InMemoryDatabase();
    scheduler = new HandScheduler();
    events = [];
  });

  const open = (ports: Partial<Ports> = {}) =>
    createKeyPool(
      { ...createInMemoryPorts(clock, database), scheduler, ...ports },
      { onEvent: (event) => events.push(event) },
    );
  const usageCount = () => [...database.keys.values()].map(({ usageCount }) => usageCount);

  it("counters are written while it runs and when it stops, and keys come back, in two calls", async () => {
    const pool = open();
    expect(await pool.start()).toEqual({ keys: 0, badSettings: [] });
    await addKeys(pool, 1);
    await handOut(pool);
    scheduler.pass(1_000);
    await until(() => usageCount()[0] === 1);
    await handOut(pool);
    expect(await pool.stop()).toEqual({ owing: 0, countersFault: undefined });
    expect(usageCount()).toEqual([2]);
    expect(scheduler.isIdle).toBe(true);
    const restarted = open();
    expect(await restarted.start()).toMatchObject({ keys: 1 });
    expect(await handOut(restarted)).toBe(1);
    await restarted.stop();
  });

  it("stops only when what still uses it has ended, and says what it could not write", async () => {
    const ports = createInMemoryPorts(clock, database);
    let isAway = false;
    const keys = new Proxy(ports.keys, {
      get: (target, name) => {
        const method = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        if (isAway) return () => Promise.reject(new Error("away"));
        return method.bind(target);
      },
    });
    const pool = open({ keys });
    await pool.start();
    const [key] = await addKeys(pool, 1);
    await handOut(pool);
    const closing = Promise.withResolvers<void>();
    const stopping = pool.stop(closing.promise);
    isAway = true;
    if (key) await expect(report(pool, key, 401)).rejects.toThrow("away");
    closing.resolve();
    const { owing, countersFault } = await stopping;
    expect([owing, (countersFault as Error).message]).toEqual([1, "away"]);
  });

  it("stored settings that are not acceptable are named", async () => {
    const ports = createInMemoryPorts(clock, database);
    const entry = { name: "cooldown_seconds", value: "abc", description: "", createdAt: 0, updatedAt: 0 };
    await ports.settings.seed([entry]);
    const { badSettings } = await open().start();
    expect(badSettings).toMatchObject([{ field: "cooldown_seconds" }]);
  });

  it("each durable change and each report is an event, and so is what the jobs did or could not do", async () => {
    const further = { name: "fail", pauseMs: 10, run: () => Promise.reject(new Error("made to fail")) };
    const pool = createKeyPool(
      { ...createInMemoryPorts(clock, database), scheduler },
      { onEvent: (event) => events.push(event), jobs: [further] },
    );
    await pool.start();
    const [key] = await addKeys(pool, 1);
    if (key) await report(pool, key, 429);
    scheduler.pass(10);
    await until(() => events.some(({ kind }) => kind === "job-failed"));
    expect(events.filter(({ kind }) => kind !== "job-done")).toMatchObject([
      { kind: "key-changed", id: 1, entry: { action: "add_key", actor: "caller" } },
      { kind: "key-changed", id: 1, entry: { action: "cooldown_start", statusCode: 429, actor: "caller" } },
      {
        kind: "reported",
        report: {
          key: { id: 1, region: "eastasia" },
          statusCode: 429,
          outcome: { action: "cooldown" },
          actor: "caller",
        },
      },
      { kind: "job-failed", job: "fail" },
    ]);
    expect(JSON.stringify(events)).not.toContain(key?.secret);
    await pool.stop();
  });

  it("what is announced while it starts is read once it has started", async () => {
    const news = new InMemoryNews();
    const ports = createInMemoryPorts(clock, database);
    const other = open();
    await other.start();
    const [key] = await addKeys(other, 1);
    const hasRead = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const load = ports.keys.load.bind(ports.keys);
    ports.keys.load = async function* () {
      for await (const keys of load()) {
        hasRead.resolve();
        await goOn.promise;
        yield keys;
      }
    };
    const pool = open({ keys: ports.keys, news });
    const starting = pool.start();
    await hasRead.promise;
    await other.deleteKey.execute("speech", key?.secret ?? "");
    await news.publish({ kind: "key-changed", id: key?.id ?? 0 });
    goOn.resolve();
    await starting;
    await pool.jobs.run("follow the news");
    expect(await handOut(pool)).toBe("no-key");
  });

  it("a start that fails leaves nothing behind, and may come again", async () => {
    const news = countedNews();
    const ports = createInMemoryPorts(clock, database);
    const keys = breakable(ports.keys);
    keys.break("pools");
    const pool = open({ keys: keys.port, news });
    await expect(pool.start()).rejects.toMatchObject({ code: "storage_unavailable" });
    expect([news.listening, scheduler.isIdle]).toEqual([0, true]);
    keys.mend();
    expect(await pool.start()).toMatchObject({ keys: 0 });
    expect([news.listening, scheduler.isIdle]).toEqual([1, false]);
    await pool.stop();
    expect([news.listening, scheduler.isIdle]).toEqual([0, true]);
  });

  it("once it has stopped, it listens no more and reads no more, whatever was under way", async () => {
    const news = countedNews();
    const ports = createInMemoryPorts(clock, database);
    const keys = breakable(ports.keys);
    const pool = open({ keys: keys.port, news });
    await pool.start();
    keys.hold("get");
    for (const id of [1, 2, 3]) await news.publish({ kind: "key-changed", id });
    await until(() => keys.held === 1);
    let hasStopped = false;
    const stopping = pool.stop().then(() => {
      hasStopped = true;
    });
    await until(() => news.listening === 0);
    expect(hasStopped).toBe(false);
    keys.release();
    await stopping;
    keys.hold("get");
    await news.publish({ kind: "key-changed", id: 4 });
    clock.set(clock.now() + HOUR);
    await expect(pool.jobs.run("follow the news")).rejects.toThrow("after the stop");
    expect([keys.held, news.listening]).toEqual([0, 0]);
    expect(events.filter(({ kind }) => kind === "job-done" || kind === "job-failed")).toHaveLength(2);
  });

  it("a subscription that is made while it stops is ended", async () => {
    const news = countedNews();
    const subscribed = Promise.withResolvers<void>();
    const pool = open({
      news: {
        publish: (announcement) => news.publish(announcement),
        subscribe: async (listener) => {
          await subscribed.promise;
          return news.subscribe(listener);
        },
      },
    });
    const starting = pool.start();
    await new Promise(setImmediate);
    const stopping = pool.stop();
    await new Promise(setImmediate);
    subscribed.resolve();
    await Promise.all([stopping, starting]);
    expect(news.listening).toBe(0);
    expect(scheduler.isIdle).toBe(true);
  });

  it("a step of the clock is an event, and cuts the rests that it has made too long", async () => {
    const pool = open();
    await pool.start();
    const [key] = await addKeys(pool, 1);
    clock.set(clock.now() + HOUR);
    if (key) await report(pool, key, 429);
    clock.set(clock.now() - HOUR);
    await until(() => events.some((event) => event.kind === "job-done" && event.result === 1));
    expect(events.filter(({ kind }) => kind === "clock-stepped")).toEqual([
      { kind: "clock-stepped", byMs: HOUR },
      { kind: "clock-stepped", byMs: -HOUR },
    ]);
    clock.advance(300_000);
    expect(await handOut(pool)).toBe(key?.id);
    await pool.stop();
  });
});
