import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EventFeed, FeedEntry, FeedEvent } from "../domain/index.ts";
import { until } from "./until.ts";

export interface OpenEventFeed {
  readonly feed: EventFeed;
  /** A second adapter object on the same backend; the same object where there is only one. */
  readonly other: EventFeed;
  close(): Promise<void>;
}

const MOST_KEPT = 10_000;

const KEY: FeedEvent = {
  kind: "key",
  at: 1_700_000_000_000,
  keyId: 7,
  service: "speech",
  region: "eastasia",
  keyName: "Näme \u2028",
  tag: null,
  actor: "root",
  action: "cooldown_start",
  status: "cooldown",
  cooldownUntil: 1_700_000_300_000,
  code: 429,
};

const ALL_KINDS: readonly FeedEvent[] = [
  KEY,
  {
    ...KEY,
    action: "update_key",
    actor: "caller",
    left: { region: "westus", keyName: "before", tag: "gold" },
  },
  {
    ...{
      kind: "report",
      at: 1,
      keyId: 7,
      service: "translation",
      region: "global",
      keyName: "",
      tag: "gold",
    },
    ...{ code: 429, action: "skip", reason: "cooling", statusChanged: false },
  },
  { kind: "setting", at: 2, actor: "root", name: "cooldown_seconds", value: "60" },
  { kind: "setting", at: 2, actor: "caller", name: "team", value: null },
  {
    ...{ kind: "import", at: 3, importId: "i-1", service: "speech", total: 9, done: 5 },
    ...{ created: 3, skipped: 1, failed: 1, ended: false },
  },
  { kind: "health", at: 4, status: "degraded", parts: [{ name: "redis", status: "down" }] },
  { kind: "token", at: 5, actor: "root", action: "created", tokenId: "0123456789ab", name: "dashboard" },
  { kind: "token", at: 6, actor: "caller", action: "revoked", tokenId: "0123456789ab", name: null },
];

/** The rules of the `EventFeed` port while its backend is there, the same for every adapter. */
export function describeEventFeed(name: string, open: () => Promise<OpenEventFeed>): void {
  describe(`EventFeed: ${name}`, () => {
    let opened: OpenEventFeed;
    let ends: (() => Promise<void>)[];

    beforeEach(async () => {
      opened = await open();
      ends = [];
    });
    afterEach(async () => {
      // A follower that goes on would read from a feed that is closed.
      for (const end of ends) await end();
      await opened.close();
    });

    const numbered = (at: number): FeedEvent => ({
      kind: "setting",
      at,
      actor: "caller",
      name: "n",
      value: null,
    });
    const follow = async (feed: EventFeed) => {
      const taken: FeedEntry[] = [];
      const misses: number[] = [];
      const end = await feed.follow({
        take: (entries) => void taken.push(...entries),
        miss: () => misses.push(taken.length),
      });
      ends.push(end);
      return { taken, misses, end };
    };
    const has = (taken: readonly FeedEntry[], count: number) => until(() => taken.length >= count);

    test("carries every kind of event as it was appended", async () => {
      const { taken } = await follow(opened.other);
      for (const event of ALL_KINDS) opened.feed.append(event);
      await has(taken, ALL_KINDS.length);
      expect(taken.map(({ event }) => event)).toEqual(ALL_KINDS);
    });

    test("shows one order to everybody, in which each instance's events are as it appended them", async () => {
      const followers = [await follow(opened.feed), await follow(opened.other)];
      for (let n = 0; n < 300; n++) {
        opened.feed.append(numbered(2 * n));
        opened.other.append(numbered(2 * n + 1));
        if (n % 10 === 0) await new Promise(setImmediate);
      }
      for (const { taken } of followers) await has(taken, 600);
      const [one, two] = followers.map(({ taken }) => taken);
      expect(one).toEqual(two);
      const instants = (one ?? []).map(({ event }) => event.at);
      for (const parity of [0, 1]) {
        const own = instants.filter((at) => at % 2 === parity);
        expect(own).toEqual(Array.from({ length: 300 }, (_, n) => 2 * n + parity));
      }
      expect(followers.flatMap(({ misses }) => misses)).toEqual([]);
    });

    test("gives growing ids", async () => {
      const { taken } = await follow(opened.feed);
      for (let n = 0; n < 50; n++) opened.feed.append(numbered(n));
      await has(taken, 50);
      const ids = taken.map(({ id }) => id.split("-").map(Number) as [number, number]);
      for (const id of taken) expect(id.id).toMatch(/^\d+-\d+$/);
      expect(ids).toEqual(ids.toSorted(([ms, n], [otherMs, other]) => ms - otherMs || n - other));
      expect(new Set(taken.map(({ id }) => id)).size).toBe(50);
    });

    test("lets who comes later take what is kept first, with the same ids", async () => {
      const first = await follow(opened.feed);
      for (let n = 0; n < 20; n++) opened.feed.append(numbered(n));
      await has(first.taken, 20);
      const second = await follow(opened.other);
      expect(second.taken).toEqual(first.taken);
      opened.feed.append(numbered(20));
      await has(second.taken, 21);
      await has(first.taken, 21);
      expect(second.taken).toEqual(first.taken);
    });

    test("keeps the last 10,000", async () => {
      const all = await follow(opened.feed);
      const count = MOST_KEPT + 500;
      for (let n = 0; n < count; n++) {
        opened.feed.append(numbered(n));
        if (n % 500 === 0) await new Promise(setImmediate);
      }
      await has(all.taken, count);
      const late = await follow(opened.other);
      expect(late.taken).toEqual(all.taken.slice(-MOST_KEPT));
    });

    test("tells who has ended nothing more, and the others all", async () => {
      const [first, second] = [await follow(opened.other), await follow(opened.other)];
      await first.end();
      await first.end();
      opened.feed.append(numbered(1));
      await has(second.taken, 1);
      expect(first.taken).toEqual([]);
    });

    test("appending without followers is no fault", () => {
      opened.feed.append(numbered(1));
    });
  });
}
