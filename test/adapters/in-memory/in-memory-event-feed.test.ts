import { expect, it } from "vitest";
import { InMemoryEventFeed, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import type { FeedEntry } from "../../../src/domain/index.ts";
import { describeEventFeed } from "../../../src/testing/event-feed.ts";

describeEventFeed("in memory", async () => {
  const feed = new InMemoryEventFeed(new ManualClock());
  return { feed, other: feed, close: async () => {} };
});

it("keeps nothing before it is followed", async () => {
  const feed = new InMemoryEventFeed(new ManualClock());
  feed.append({ kind: "setting", at: 0, actor: "caller", name: "n", value: null });
  const taken: FeedEntry[] = [];
  await feed.follow({ take: (entries) => void taken.push(...entries), miss: () => {} });
  expect(taken).toEqual([]);
});

it("gives no id again after a restart, nor when the clock was set back", async () => {
  const clock = new ManualClock();
  const feed = new InMemoryEventFeed(clock);
  const taken: FeedEntry[] = [];
  const take = (entries: readonly FeedEntry[]) => void taken.push(...entries);
  await feed.follow({ take, miss: () => {} });
  const append = (to: InMemoryEventFeed) =>
    to.append({ kind: "setting", at: 0, actor: "caller", name: "n", value: null });
  append(feed);
  clock.set(clock.now() - 5_000);
  append(feed);
  clock.advance(6_000);
  const next = new InMemoryEventFeed(clock);
  await next.follow({ take, miss: () => {} });
  append(next);
  expect(new Set(taken.map(({ id }) => id)).size).toBe(3);
});
