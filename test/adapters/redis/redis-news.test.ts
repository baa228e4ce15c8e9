import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { RedisNews } from "../../../src/adapters/redis/index.ts";
import type { Announcement } from "../../../src/domain/index.ts";
import { describeNews } from "../../../src/testing/news.ts";
import { connect, findRedis, freshPrefix } from "../../servers/redis-server.ts";

const found = await findRedis();

if ("missing" in found) {
  describe.skip(`News: Redis (${found.missing})`, () => it("needs a server", () => {}));
} else {
  const { url } = found.server;
  const publisher = await connect(url);
  afterAll(async () => {
    await publisher.close();
    await found.server.stop();
  });

  const open = async (prefix: string, RESP: 2 | 3) => {
    const subscriber = await connect(url, { RESP });
    return { news: new RedisNews(publisher, subscriber, { prefix }), close: () => subscriber.close() };
  };

  describeNews("Redis", async () => {
    const { prefix } = freshPrefix(publisher);
    const [one, two] = [await open(prefix, 2), await open(prefix, 3)];
    const close = async () => {
      await Promise.all([one.close(), two.close()]);
    };
    return { news: one.news, other: two.news, close };
  });

  describe("News over Redis", () => {
    it("passes over what it cannot read, and lets nothing through but the named fields", async () => {
      const { prefix } = freshPrefix(publisher);
      const [{ news, close }, other] = [await open(prefix, 3), await open(prefix, 3)];
      onTestFinished(async () => {
        await Promise.all([close(), other.close()]);
      });
      const sent: string[] = [];
      const heard: Announcement[] = [];
      await other.news.subscribe((announcement) => heard.push(announcement));
      const spy = await connect(url);
      onTestFinished(() => spy.close());
      await spy.subscribe(`${prefix}news`, (message) => sent.push(message));
      const garbage = ["", "{", "null", "7", '{"kind":"key-changed"}', '{"kind":"new","id":1}'];
      const wrong = ['{"kind":"key-removed","id":"1"}', '{"kind":"key-removed","id":1.5}'];
      for (const message of [...garbage, ...wrong]) await publisher.publish(`${prefix}news`, message);
      const key = { kind: "key-changed", id: 7, secret: "canary-secret" } as const;
      await news.publish(key);
      await vi.waitFor(() => expect(heard).toEqual([{ kind: "key-changed", id: 7 }]), 60_000);
      await vi.waitFor(() => expect(sent).toHaveLength(9), 60_000);
      expect(sent.join()).not.toContain("canary");
    });

    it("does not tell a listener what its own object has published", async () => {
      const { prefix } = freshPrefix(publisher);
      const [one, two] = [await open(prefix, 2), await open(prefix, 2)];
      onTestFinished(async () => {
        await Promise.all([one.close(), two.close()]);
      });
      const heard: Announcement[] = [];
      await one.news.subscribe((announcement) => heard.push(announcement));
      await one.news.publish({ kind: "key-changed", id: 1 });
      await two.news.publish({ kind: "key-changed", id: 2 });
      await vi.waitFor(() => expect(heard).toEqual([{ kind: "key-changed", id: 2 }]), 60_000);
    });

    it("takes the removal that an older instance announces for a change of the key", async () => {
      const { prefix } = freshPrefix(publisher);
      const { news, close } = await open(prefix, 3);
      onTestFinished(async () => {
        await close();
      });
      const heard: Announcement[] = [];
      await news.subscribe((announcement) => heard.push(announcement));
      await publisher.publish(`${prefix}news`, '{"kind":"key-removed","id":7}');
      await vi.waitFor(() => expect(heard).toEqual([{ kind: "key-changed", id: 7 }]), 60_000);
    });

    it("refuses a prefix that would move keys between slots", () => {
      expect(() => new RedisNews(publisher, publisher, { prefix: "a{b}:" })).toThrow(RangeError);
    });
  });
}
