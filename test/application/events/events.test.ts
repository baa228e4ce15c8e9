import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createInMemoryPorts,
  InMemoryAudit,
  InMemoryDatabase,
  InMemoryEventFeed,
  InMemoryTokenRepository,
  ManualClock,
} from "../../../src/adapters/in-memory/index.ts";
import { NodeTokenCrypto } from "../../../src/adapters/node-crypto/index.ts";
import {
  createKeyPool,
  type EventFilter,
  type EventNotice,
  type EventPlace,
  type KeyPool,
  type PoolEvent,
  type Ports,
} from "../../../src/application/index.ts";
import type { Asker, EventFeed, FeedEntry, FeedFollower, PartHealth } from "../../../src/domain/index.ts";
import { addKeys, JOBS_BY_HAND, report, secretOf } from "../../../src/testing/pool.ts";
import { until } from "../../../src/testing/until.ts";

const ROOT: Asker = {
  actor: { id: "0123456789ab", name: "root", role: "admin" },
  address: null,
  requestId: null,
};

/** A feed that a test can let miss something. */
class BreakableFeed extends InMemoryEventFeed {
  readonly #followers: FeedFollower[] = [];

  override follow(follower: FeedFollower) {
    this.#followers.push(follower);
    return super.follow(follower);
  }

  miss(): void {
    for (const follower of this.#followers) follower.miss();
  }
}

let clock: ManualClock;
let feed: BreakableFeed;
let health: PartHealth;
let pool: KeyPool;
let faults: PoolEvent[];

async function open(events: EventFeed = feed): Promise<KeyPool> {
  const database = new InMemoryDatabase();
  const ports: Ports = {
    ...createInMemoryPorts(clock, database),
    events,
    scheduler: JOBS_BY_HAND,
    audit: new InMemoryAudit(database),
    access: { tokens: new InMemoryTokenRepository(database), crypto: new NodeTokenCrypto() },
    health: [{ part: "database", essential: true, check: async () => health }],
  };
  const onEvent = (event: PoolEvent) => void (event.kind === "job-failed" && faults.push(event));
  const opened = createKeyPool(ports, { onEvent });
  await opened.start();
  return opened;
}

beforeEach(async () => {
  clock = new ManualClock();
  feed = new BreakableFeed(clock);
  health = { status: "up" };
  faults = [];
  pool = await open();
});
afterEach(async () => void (await pool.stop()));

/** Events by their fields, the other notices by their kind. */
async function listen(options: EventFilter & EventPlace = {}, to = pool) {
  const told: unknown[] = [];
  const entries: FeedEntry[] = [];
  const end = await to.events?.subscribe((notice) => {
    if (notice.kind === "events") entries.push(...notice.entries);
    told.push(...(notice.kind === "events" ? notice.entries.map(({ event }) => event) : [notice.kind]));
  }, options);
  const has = (count: number) => until(() => told.length >= count);
  return { told, entries, has, end: end as () => void };
}

const setting = (value: string) => pool.settings.save({ name: "cooldown_seconds", value }, ROOT);

describe("what is told", () => {
  it("a cooldown is: the change and then the report, and when the key is back", async () => {
    const [key] = await addKeys(pool, 1);
    const { told, has } = await listen();
    await report(pool, key as never, 429);
    await has(2);
    const about = {
      at: clock.now(),
      keyId: 1,
      service: "speech",
      region: "eastasia",
      keyName: "key 1",
      tag: null,
    };
    expect(told).toEqual([
      {
        ...{ kind: "key", ...about, actor: "caller", action: "cooldown_start", code: 429 },
        ...{ status: "cooldown", cooldownUntil: clock.now() + 300_000 },
      },
      { kind: "report", ...about, code: 429, action: "cooldown", reason: null, statusChanged: true },
    ]);
  });

  it("a report that changes nothing is, with the reason", async () => {
    const [key] = await addKeys(pool, 1);
    await report(pool, key as never, 401);
    const { told, has } = await listen({ kinds: ["report"] });
    await report(pool, key as never, 429);
    await report(pool, key as never, 200);
    await has(2);
    expect(told).toMatchObject([
      { code: 429, action: "skip", reason: "disabled", statusChanged: false },
      { code: 200, action: "log", reason: null },
    ]);
  });

  it("what a person does to a key is, with who it was and how it is then", async () => {
    const { told, has } = await listen();
    const key = { service: "speech", secret: secretOf(1), region: "eastasia", name: "one" } as const;
    await pool.addKey.execute(key, undefined, ROOT);
    await pool.disableKey.execute("speech", "1", undefined, ROOT);
    await pool.enableKey.execute("speech", "1", undefined, ROOT);
    await pool.updateKey.execute("speech", "1", { name: "two" }, undefined, ROOT);
    await pool.updateKey.execute("speech", "1", { region: "westus", tag: "gold" }, undefined, ROOT);
    await pool.deleteKey.execute("speech", "1");
    await has(6);
    const [actor, keyId] = [ROOT.actor.id, 1];
    expect(told).toMatchObject([
      { kind: "key", actor, keyId, action: "add_key", keyName: "one", status: "enabled" },
      { actor, keyId, action: "disable_key", status: "disabled" },
      { actor, keyId, action: "enable_key", status: "enabled" },
      { actor, keyId, action: "update_key", keyName: "two", region: "eastasia" },
      {
        ...{ actor, keyId, action: "update_key", region: "westus", tag: "gold" },
        left: { region: "eastasia", keyName: "two", tag: null },
      },
      { actor: "caller", keyId, action: "delete_key", region: "westus", status: null, cooldownUntil: null },
    ]);
    expect(told[3]).not.toHaveProperty("left");
  });

  it("a setting is; of a free one not what it holds", async () => {
    const { told, has } = await listen();
    await setting("60");
    await pool.settings.save({ name: "webhook", value: "https://user:password@example.com" });
    await pool.settings.restore("cooldown_seconds", ROOT);
    await pool.settings.restore("webhook");
    await has(4);
    expect(told).toMatchObject([
      { kind: "setting", actor: ROOT.actor.id, name: "cooldown_seconds", value: "60" },
      { actor: "caller", name: "webhook", value: null },
      { actor: ROOT.actor.id, name: "cooldown_seconds", value: "300" },
      { name: "webhook", value: null },
    ]);
  });

  it("a token is, by its id and name", async () => {
    const { told, has } = await listen();
    const { id = "", text = "" } = (await pool.access?.create({ name: "dash", role: "viewer" }, ROOT)) ?? {};
    await pool.access?.revoke(id);
    await has(2);
    expect(told).toMatchObject([
      { kind: "token", actor: ROOT.actor.id, action: "created", tokenId: id, name: "dash" },
      { actor: "caller", action: "revoked", tokenId: id, name: "dash" },
    ]);
    expect(JSON.stringify(told)).not.toContain(text.slice(17));
  });

  it("an import is, chunk by chunk, and not each of its keys", async () => {
    await addKeys(pool, 1);
    const { told, has } = await listen();
    const rows = Array.from({ length: 700 }, (_, n) => ({ secret: secretOf(n), region: "eastasia" }));
    const bad = { secret: "short", region: "eastasia" };
    const again = { secret: `eastasia-${secretOf(1)}`, region: "eastasia" };
    await pool.importKeys.execute({
      service: "speech",
      parts: [[...rows, bad, again]],
      options: { validateBeforeCreate: false },
    });
    await has(4);
    const [service, total] = ["speech", 702];
    const importId = (told[0] as { importId: string }).importId;
    expect(told).toMatchObject([
      { kind: "import", importId, service, total, done: 0, created: 0, skipped: 0, failed: 0, ended: false },
      { importId, total, done: 500, created: 500, ended: false },
      { importId, total, done: 702, created: 700, skipped: 1, failed: 1, ended: false },
      { importId, total, done: 702, created: 700, skipped: 1, failed: 1, ended: true },
    ]);
  });

  it("another health is, and nothing while it stays", async () => {
    const { told, has } = await listen();
    const look = () => pool.jobs.run("watch health");
    await look();
    health = { status: "down", reason: "x" };
    await look();
    await look();
    health = { status: "up" };
    await look();
    await has(2);
    const writes = { name: "writes", status: "up" };
    expect(told).toEqual([
      {
        kind: "health",
        at: clock.now(),
        status: "unhealthy",
        parts: [writes, { name: "database", status: "down" }],
      },
      {
        kind: "health",
        at: clock.now(),
        status: "healthy",
        parts: [writes, { name: "database", status: "up" }],
      },
    ]);
  });

  it("a hand-out is not, and no secret is", async () => {
    const { told, has } = await listen();
    const [key] = await addKeys(pool, 1);
    await pool.handOutKey.execute({ service: "speech", region: "eastasia" });
    await report(pool, key as never, 500, `not ${key?.secret}`);
    await has(2);
    expect(told).toMatchObject([{ action: "add_key" }, { kind: "report", code: 500 }]);
    expect(JSON.stringify(told)).not.toContain(secretOf(1));
  });
});

describe("who listens", () => {
  it("is told from now on", async () => {
    await setting("60");
    const { told, has } = await listen();
    await setting("61");
    await has(1);
    expect(told).toMatchObject([{ value: "61" }]);
  });

  it("goes on behind the last entry that it has seen, on any instance", async () => {
    const first = await listen();
    for (const value of ["60", "61", "62"]) await setting(value);
    await first.has(3);
    first.end();
    const other = await open();
    const again = await listen({ after: first.entries[0]?.id }, other);
    await setting("63");
    await again.has(3);
    expect(again.told).toMatchObject([{ value: "61" }, { value: "62" }, { value: "63" }]);
    await other.stop();
  });

  it("starts over where the entry is not known", async () => {
    await setting("60");
    for (const after of ["1-0", "9999999999999-0", "nonsense"]) {
      const { told, has } = await listen({ after });
      await setting("61");
      await has(2);
      expect(told).toMatchObject(["reset", { value: "61" }]);
    }
  });

  it("starts over when the feed has missed something, and knows no entry from before", async () => {
    const { told, entries, has } = await listen();
    await setting("60");
    await has(1);
    feed.miss();
    await setting("61");
    await has(3);
    expect(told).toMatchObject([{ value: "60" }, "reset", { value: "61" }]);
    const again = await listen({ after: entries[0]?.id });
    await again.has(1);
    expect(again.told).toEqual(["reset"]);
  });

  it("is told the next only when it is done with the last, and what has gathered in one piece", async () => {
    const done: (() => void)[] = [];
    const notices: EventNotice[] = [];
    await pool.events?.subscribe((notice) => {
      notices.push(notice);
      return new Promise((resolve) => done.push(resolve));
    });
    for (const value of ["60", "61", "62"]) await setting(value);
    await until(() => notices.length === 1);
    done[0]?.();
    await until(() => notices.length === 2);
    const values = notices.map((notice) =>
      notice.kind === "events" ? notice.entries.map(({ event }) => (event as { value: string }).value) : [],
    );
    expect(values).toEqual([["60"], ["61", "62"]]);
  });

  it("starts over when it is 10,000 behind, and no more than that is kept for it", async () => {
    const told: unknown[] = [];
    const { promise: held, resolve: go } = Promise.withResolvers<void>();
    await pool.events?.subscribe((notice) => {
      told.push(notice.kind === "events" ? notice.entries.length : notice.kind);
      return told.length === 1 ? held : undefined;
    });
    const append = (count: number) => {
      for (let n = 0; n < count; n++)
        feed.append({ kind: "setting", at: n, actor: "caller", name: "n", value: null });
    };
    append(1);
    await until(() => told.length === 1);
    append(10_001);
    go();
    await until(() => told.length === 2);
    append(1);
    await until(() => told.length === 3);
    expect(told).toEqual([1, "reset", 1]);
  });

  it("is told nothing that its filter leaves out, and no more once it has ended", async () => {
    const { told, has, end } = await listen({ kinds: ["token"] });
    const all = await listen();
    await setting("60");
    await pool.access?.create({ name: "dash", role: "viewer" });
    await has(1);
    end();
    await pool.access?.create({ name: "dash", role: "viewer" });
    await all.has(3);
    expect(told).toMatchObject([{ kind: "token" }]);
  });

  it("is told no more when it throws, which is a fault and holds up nobody", async () => {
    let times = 0;
    await pool.events?.subscribe(() => {
      times += 1;
      throw new Error("no room");
    });
    const other = await listen();
    for (const value of ["60", "61"]) await setting(value);
    await other.has(2);
    await until(() => faults.length > 0);
    expect(times).toBe(1);
    expect(faults).toMatchObject([{ job: "tell of events", error: { message: "no room" } }]);
  });

  it("is told what is left and then the end when the pool stops, also one that comes later", async () => {
    const { told } = await listen();
    await setting("60");
    await pool.stop();
    await until(() => told.length === 2);
    expect(told).toMatchObject([{ value: "60" }, "end"]);
    const late = await listen();
    await late.has(1);
    expect(late.told).toEqual(["end"]);
  });
});

it("a pool without a feed tells nobody", async () => {
  const { events: _, ...ports } = createInMemoryPorts(clock);
  expect(createKeyPool(ports).events).toBeUndefined();
});
