import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Announcement, News } from "../domain/index.ts";
import { until } from "./until.ts";

export interface OpenNews {
  readonly news: News;
  /** A second adapter object on the same backend; the same object where there is only one. */
  readonly other: News;
  close(): Promise<void>;
}

const ALL_KINDS: readonly Announcement[] = [
  { kind: "key-changed", id: 1 },
  { kind: "key-changed", id: 2 ** 40 },
  { kind: "key-restricted", id: 2 },
  { kind: "settings-changed" },
  { kind: "tokens-changed" },
  { kind: "room-made", service: "translation", region: "global" },
];

/** The rules of the `News` port, the same for every adapter. */
export function describeNews(name: string, open: () => Promise<OpenNews>): void {
  describe(`News: ${name}`, () => {
    let opened: OpenNews;

    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const listen = async (news: News) => {
      const heard: Announcement[] = [];
      const end = await news.subscribe((announcement) => heard.push(announcement));
      return { heard, end };
    };
    const hears = async (heard: readonly Announcement[], expected: readonly Announcement[]) => {
      await until(() => heard.length >= expected.length);
      expect(heard).toEqual(expected);
    };

    test("carries every kind of announcement, in order, as it was published", async () => {
      const { heard } = await listen(opened.other);
      for (const announcement of ALL_KINDS) await opened.news.publish(announcement);
      await hears(heard, ALL_KINDS);
    });

    test("reaches all listeners, also two of one object", async () => {
      const listeners = [await listen(opened.other), await listen(opened.other)];
      await opened.news.publish({ kind: "settings-changed" });
      for (const { heard } of listeners) await hears(heard, [{ kind: "settings-changed" }]);
    });

    test("does not reach a listener that has ended, but the others", async () => {
      const [first, second] = [await listen(opened.other), await listen(opened.other)];
      await first.end();
      await first.end();
      await opened.news.publish({ kind: "settings-changed" });
      await hears(second.heard, [{ kind: "settings-changed" }]);
      expect(first.heard).toEqual([]);
    });

    test("publishing without listeners is no fault", async () => {
      await opened.news.publish({ kind: "settings-changed" });
    });
  });
}
