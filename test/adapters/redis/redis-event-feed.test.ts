import { createClient } from "redis";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { RedisEventFeed } from "../../../src/adapters/redis/index.ts";
import type { FeedEntry, FeedEvent } from "../../../src/domain/index.ts";
import { describeEventFeed } from "../../../src/testing/event-feed.ts";
import { connect, findPrivateRedis, findRedis, freshPrefix } from "../../servers/redis-server.ts";

const found = await findRedis();
const own = await findPrivateRedis();

/** A follower that tells its misses apart from its entries. */
async function follow(feed: RedisEventFeed) {
  const seen: (number | "miss")[] = [];
  const entries: FeedEntry[] = [];
  const end = await feed.follow({
    take: (taken) => {
      entries.push(...taken);
      seen.push(...taken.map(({ event }) => event.at));
    },
    miss: () => seen.push("miss"),
  });
  onTestFinished(end);
  return { seen, entries };
}

const numbered = (at: number): FeedEvent => ({
  kind: "setting",
  at,
  actor: "caller",
  name: "n",
  value: null,
});
const sees = (seen: readonly unknown[], expected: readonly unknown[]) =>
  vi.waitFor(() => expect(seen).toEqual(expected), { timeout: 60_000, interval: 5 });

if ("missing" in found) {
  describe.skip(`EventFeed: Redis (${found.missing})`, () => it("needs a server", () => {}));
} else {
  const { url } = found.server;
  const writer = await connect(url);
  afterAll(async () => {
    await writer.close();
    await found.server.stop();
  });

  const open = async (prefix: string, RESP: 2 | 3) => {
    const reader = await connect(url, { RESP });
    const feed = new RedisEventFeed(writer, reader, { prefix });
    const close = async () => {
      await feed.close();
      reader.destroy();
    };
    return { feed, close };
  };

  describeEventFeed("Redis", async () => {
    const { prefix, clean } = freshPrefix(writer);
    const [one, two] = [await open(prefix, 2), await open(prefix, 3)];
    const close = async () => {
      await Promise.all([one.close(), two.close()]);
      await clean();
    };
    return { feed: one.feed, other: two.feed, close };
  });

  describe("EventFeed over Redis", () => {
    const opened = async () => {
      const { prefix, clean } = freshPrefix(writer);
      const { feed, close } = await open(prefix, 3);
      onTestFinished(async () => {
        await close();
        await clean();
      });
      return { feed, key: `${prefix}events` };
    };

    it("passes over what is no event, and lets nothing through but the named fields", async () => {
      const { feed, key } = await opened();
      const { entries } = await follow(feed);
      const good = { ...numbered(1) };
      const garbage = [
        ...[
          "",
          "{",
          "null",
          "7",
          "[]",
          '{"kind":"new","at":1}',
          '{"kind":"constructor"}',
          '{"kind":"setting"}',
        ],
        ...[
          { name: 7 },
          { name: "n".repeat(101) },
          { value: {} },
          { at: "1" },
          { at: 1e300 },
          { actor: undefined },
        ].map((wrong) => JSON.stringify({ ...good, ...wrong })),
        JSON.stringify({
          kind: "health",
          at: 1,
          status: "healthy",
          parts: new Array(51).fill({ name: "a", status: "up" }),
        }),
        JSON.stringify({ ...good, padding: "x".repeat(9_000) }),
      ];
      for (const text of garbage) await writer.xAdd(key, "*", { event: text });
      await writer.xAdd(key, "*", { other: "field" });
      await writer.xAdd(key, "*", { event: JSON.stringify({ ...good, secret: "canary" }), more: "x" });
      feed.append(Object.assign(numbered(2), { secret: "canary" }));
      await vi.waitFor(() => expect(entries.map(({ event }) => event)).toEqual([good, numbered(2)]), 60_000);
      expect(JSON.stringify(await writer.xRevRange(key, "+", "-", { COUNT: 1 }))).not.toContain("canary");
    });

    it("has what was appended before it was followed", async () => {
      const { feed } = await opened();
      for (let n = 0; n < 5; n++) feed.append(numbered(n));
      expect((await follow(feed)).seen).toEqual([0, 1, 2, 3, 4]);
    });

    it("keeps no more than about 10,000 in Redis", async () => {
      const { feed, key } = await opened();
      const fill = "for n = 1, 12000 do redis.call('xadd', KEYS[1], '*', 'event', ARGV[1]) end";
      await writer.eval(fill, { keys: [key], arguments: [JSON.stringify(numbered(0))] });
      expect(await writer.xLen(key)).toBe(12_000);
      feed.append(numbered(1));
      await feed.close();
      expect(await writer.xLen(key)).toBeLessThan(10_200);
    });

    it("reads all again where somebody has made the stream anew, with ids from before", async () => {
      const { feed, key } = await opened();
      const { seen } = await follow(feed);
      feed.append(numbered(1));
      await sees(seen, [1]);
      await writer.del(key);
      await writer.xAdd(key, "5-0", { event: JSON.stringify(numbered(2)) });
      await sees(seen, [1, "miss", 2]);
    });

    it("is at the end of what it reads again before anybody can read on from a miss", async () => {
      const { feed, key } = await opened();
      const told: string[] = [];
      const stop = await feed.follow({
        take: () => told.push("entries"),
        miss: () => {
          told.push("miss");
          setImmediate(() => told.push("others' turn"));
        },
      });
      onTestFinished(stop);
      feed.append(numbered(1));
      await vi.waitFor(() => expect(told).toEqual(["entries"]), 60_000);
      await writer.del(key);
      await writer.xAdd(key, "5-0", { event: JSON.stringify(numbered(2)) });
      await vi.waitFor(() => expect(told).toHaveLength(4), 60_000);
      expect(told).toEqual(["entries", "miss", "entries", "others' turn"]);
    });

    it("refuses a prefix that would move keys between slots", () => {
      expect(() => new RedisEventFeed(writer, writer, { prefix: "a{b}:" })).toThrow(RangeError);
    });
  });
}

if ("missing" in own) {
  describe.skip(`EventFeed: a Redis that goes away (${own.missing})`, () => it("needs a server", () => {}));
} else {
  const { server } = own;
  afterAll(() => server.stop());

  describe("EventFeed: while Redis is away", () => {
    const client = async () => {
      const made = createClient({
        url: server.url,
        disableOfflineQueue: true,
        socket: { reconnectStrategy: () => 20 },
      });
      made.on("error", () => {});
      onTestFinished(() => made.destroy());
      await made.connect();
      return made;
    };
    const instance = async () => {
      const [writer, reader] = [await client(), await client()];
      const feed = new RedisEventFeed(writer, reader);
      onTestFinished(() => feed.close());
      return { feed, writer, reader };
    };

    it("shows an instance's own events to its own followers, and tells all of a miss when it is back", async () => {
      await server.restart();
      const [one, two] = [await instance(), await instance()];
      const [here, there] = [await follow(one.feed), await follow(two.feed)];
      one.feed.append(numbered(1));
      await sees(there.seen, [1]);
      await server.kill();
      await vi.waitFor(() => expect(one.writer.isReady || two.reader.isReady).toBe(false), 60_000);
      one.feed.append(numbered(2));
      await sees(here.seen, [1, 2]);
      await server.restart();
      await vi.waitFor(() => expect(there.seen.slice(0, 2)).toEqual([1, "miss"]), 60_000);
      await vi.waitFor(() => expect(here.seen.slice(0, 3)).toEqual([1, 2, "miss"]), 60_000);
      await vi.waitFor(async () => expect(await one.writer.xLen("azure-key-pool:events")).toBe(1), 60_000);
      one.feed.append(numbered(3));
      await vi.waitFor(() => expect([here.seen.at(-1), there.seen.at(-1)]).toEqual([3, 3]), 60_000);
      expect(there.seen).not.toContain(2);
      expect(new Set(here.entries.map(({ id }) => id)).size).toBe(3);
    });

    it("goes on where it was when only a connection was lost", async () => {
      await server.restart();
      const { feed, writer } = await instance();
      const { seen } = await follow(feed);
      feed.append(numbered(1));
      await sees(seen, [1]);
      // The reader's own connection waits for what comes, so it is found by what it does.
      const [, id] =
        /id=(\d+)[^\n]*cmd=xread/.exec(String(await writer.sendCommand(["CLIENT", "LIST"]))) ?? [];
      await writer.sendCommand(["CLIENT", "KILL", "ID", String(id)]);
      feed.append(numbered(2));
      await sees(seen, [1, 2]);
    });

    it("goes on at once when it is away from the start, and shows what is kept when it comes", async () => {
      await server.restart();
      const { feed, reader } = await instance();
      const other = await instance();
      other.feed.append(numbered(1));
      await other.feed.close();
      await server.freeze();
      reader.destroy();
      const { seen } = await follow(feed);
      server.thaw();
      await reader.connect();
      await sees(seen, ["miss", 1]);
    });

    it("holds a bounded number of events while Redis does not answer", async () => {
      await server.restart();
      const { feed } = await instance();
      const { seen } = await follow(feed);
      server.freeze();
      for (let n = 0; n < 10_000; n++) feed.append(numbered(n));
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      feed.append(numbered(-1));
      await sees(seen, [-1]);
      server.thaw();
      await vi.waitFor(() => expect(seen).toContain("miss"), 60_000);
      expect(seen).toHaveLength(10_002);
    });
  });
}
