import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Log, type LogEntry, type LogQuery, type ReportQuery, toLogFields } from "../domain/index.ts";
import { keyDraft, logDraft, NOON, type Open, type OpenStorage } from "./storage.ts";

export function describeLog(name: string, open: Open): void {
  describe(`${name} as a Log`, () => {
    let storage: OpenStorage;
    let log: Log;

    beforeEach(async () => {
      storage = await open();
      log = storage.log;
    });
    afterEach(() => storage.close());

    const append = async (...entries: Partial<LogEntry>[]) => {
      for (const entry of entries) await log.append(logDraft(entry));
    };
    const page = (query: Partial<LogQuery> = {}) =>
      log.list({ services: ["speech", null], offset: 0, limit: 100, ...query });
    const notes = async (query: Partial<LogQuery> = {}) =>
      (await page(query)).entries.map(({ note }) => note);

    it("returns every field as it was written", async () => {
      const full = logDraft({
        keyId: 7,
        keyName: "第一把 🔑",
        region: "eastasia",
        note: "it's",
        statusCode: 599,
        actor: "0123456789ab",
      });
      const bare = logDraft({ actor: "system", statusCode: null, action: "update_config", at: NOON - 1 });
      for (const draft of [full, bare]) await log.append(draft);
      const { entries, total } = await page();
      expect(entries).toEqual([
        { ...toLogFields(full), id: entries[0]?.id },
        { ...toLogFields(bare), id: entries[1]?.id },
      ]);
      expect(total).toBe(2);
    });

    it("lists the newest first, ties by the higher id", async () => {
      await append(
        { note: "b", at: NOON },
        { note: "c", at: NOON },
        { note: "d", at: NOON + 1 },
        { note: "a", at: NOON - 1 },
      );
      expect(await notes()).toEqual(["d", "c", "b", "a"]);
    });

    it.each<[LogQuery["services"], readonly string[]]>([
      [
        ["speech", null],
        ["none", "speech"],
      ],
      [["speech"], ["speech"]],
      [[null], ["none"]],
      [["translation"], ["translation"]],
      [
        ["translation", null],
        ["none", "translation"],
      ],
      [
        ["translation", "speech", null],
        ["none", "translation", "speech"],
      ],
      [
        ["speech", "translation"],
        ["translation", "speech"],
      ],
      [[], []],
    ])("lists the rows of %j and no others", async (services, expected) => {
      await append(
        { note: "speech" },
        { note: "translation", service: "translation" },
        { note: "none", service: null },
      );
      expect(await notes({ services })).toEqual(expected);
      // Every page knows the total.
      for (const offset of expected.keys()) {
        const { entries, total } = await page({ services, offset, limit: 1 });
        expect([entries.map(({ note }) => note), total]).toEqual([[expected[offset]], expected.length]);
      }
    });

    it("answers null as the service of a row of no service", async () => {
      await append({ service: null });
      expect((await page()).entries[0]?.service).toBeNull();
    });

    it("pages with a total of all pages", async () => {
      await append(...Array.from({ length: 7 }, (_, n) => ({ note: `${n}`, at: NOON + n })));
      expect(await notes({ offset: 0, limit: 3 })).toEqual(["6", "5", "4"]);
      expect(await notes({ offset: 3, limit: 3 })).toEqual(["3", "2", "1"]);
      expect(await notes({ offset: 6, limit: 3 })).toEqual(["0"]);
      expect(await page({ offset: 9, limit: 3 })).toEqual({ entries: [], total: 7 });
    });

    it("filters by key, action, status code and time, alone and together", async () => {
      await append(
        { note: "a", keyId: 1, action: "set_status", statusCode: 200, at: NOON },
        { note: "b", keyId: 2, action: "disable_key", statusCode: 401, at: NOON + 1 },
        { note: "c", keyId: 1, action: "cooldown_start", statusCode: 429, at: NOON + 2 },
        { note: "d", keyId: 1, action: "test", statusCode: null, at: NOON + 3, service: null },
        { note: "e", keyId: 1, action: "set_status", statusCode: 200, at: NOON + 4, service: "translation" },
      );
      expect(await notes({ keyId: 1 })).toEqual(["d", "c", "a"]);
      expect(await notes({ action: "disable_key" })).toEqual(["b"]);
      expect(await notes({ statusCode: 429 })).toEqual(["c"]);
      expect(await notes({ from: NOON + 1, to: NOON + 2 })).toEqual(["c", "b"]);
      expect(await notes({ to: NOON })).toEqual(["a"]);
      expect(await notes({ keyId: 1, action: "set_status", statusCode: 200, from: NOON, to: NOON })).toEqual([
        "a",
      ]);
      expect(await page({ keyId: 1, from: NOON + 1, limit: 1 })).toMatchObject({
        entries: [{ note: "d" }],
        total: 2,
      });
      expect(await page({ keyId: 3 })).toEqual({ entries: [], total: 0 });
    });

    it("lists rows of some regions, and of keys that have one of some tags now", async () => {
      const { id } = await storage.keys.add(keyDraft({ tag: "gold" }), null);
      await append(
        { note: "a", keyId: id, region: "eastasia" },
        { note: "b", keyId: id + 1, region: "westus" },
        { note: "c", keyId: null, region: null },
        { note: "d", keyId: id, region: "northeurope" },
      );
      expect(await notes({ regions: ["eastasia", "westus"] })).toEqual(["b", "a"]);
      expect(await notes({ tags: ["silver", "gold"] })).toEqual(["d", "a"]);
      expect(await notes({ tags: ["silver"] })).toEqual([]);
      expect(await page({ regions: ["westus"], limit: 1 })).toMatchObject({ total: 1 });
      expect(await page({ tags: ["gold"], regions: ["northeurope"], limit: 1 })).toMatchObject({ total: 1 });
      expect(await page({ tags: ["gold"], offset: 1, limit: 1 })).toMatchObject({ total: 2 });
    });

    it("keeps totals right when concurrent rows come in", async () => {
      await Promise.all(Array.from({ length: 700 }, (_, n) => log.append(logDraft({ keyId: n % 7 }))));
      expect((await page({ limit: 1 })).total).toBe(700);
      expect((await page({ limit: 1, keyId: 3 })).total).toBe(100);
      expect((await page({ limit: 1, action: "set_status", statusCode: 200 })).total).toBe(700);
    });

    describe("counting reports", () => {
      const HOUR = 3_600_000;
      const counts = async (query: Partial<ReportQuery> = {}) =>
        (
          await log.countReports({
            ...{ services: ["speech", "translation"], from: NOON, to: NOON + 2 * HOUR, bucketMs: HOUR },
            ...query,
          })
        )
          .map(({ at, region, reportClass, total }) =>
            [(at - NOON) / HOUR, region ?? "-", reportClass, total].join(" "),
          )
          .toSorted();

      const report = (...entries: Partial<LogEntry>[]) =>
        append(...entries.map((entry) => ({ region: "eastasia", ...entry })));

      it("counts them by bucket, class and region", async () => {
        await report(
          ...[200, 204, 299, 401, 403, 404, 429, 300, 400, 500].map((statusCode) => ({
            statusCode,
            at: NOON,
          })),
          { statusCode: 429, action: "cooldown_start", at: NOON + HOUR - 1 },
          { statusCode: 429, action: "cooldown_start", at: NOON + HOUR },
          { statusCode: 401, action: "disable_key", at: NOON + HOUR, region: "westus" },
        );
        expect(await counts()).toEqual([
          "0 eastasia 2xx 3",
          "0 eastasia 401 1",
          "0 eastasia 403 1",
          "0 eastasia 404 1",
          "0 eastasia 429 2",
          "0 eastasia other 3",
          "1 eastasia 429 1",
          "1 westus 401 1",
        ]);
      });

      it("counts nothing else: no test, and no act of a person", async () => {
        await report(
          { action: "test", statusCode: 429, at: NOON },
          { action: "disable_key", statusCode: null, at: NOON },
          { action: "enable_key", statusCode: null, at: NOON },
          { action: "update_config", statusCode: null, service: null, region: null, at: NOON },
        );
        expect(await counts()).toEqual([]);
      });

      it("begins buckets at multiples of their length, whatever the time asked for", async () => {
        await report(...[0, 1, 2].map((n) => ({ statusCode: 429, at: NOON + n * HOUR })));
        expect(await counts({ from: NOON + 1, to: NOON + 2 * HOUR - 1 })).toEqual(["1 eastasia 429 1"]);
        expect(await counts({ from: NOON, to: NOON + 2 * HOUR, bucketMs: 2 * HOUR })).toEqual([
          "0 eastasia 429 2",
          "2 eastasia 429 1",
        ]);
      });

      it("counts those of a service, a key, some regions, and of keys that have one of some tags now", async () => {
        const { id } = await storage.keys.add(keyDraft({ tag: "gold" }), null);
        await report(
          { keyId: id, region: "eastasia", statusCode: 200, at: NOON },
          { keyId: id, region: "westus", statusCode: 200, at: NOON },
          { keyId: id + 1, region: "westus", statusCode: 429, at: NOON },
          { keyId: id + 2, region: "global", statusCode: 401, service: "translation", at: NOON },
        );
        expect(await counts({ services: ["speech"] })).toHaveLength(3);
        expect(await counts({ services: ["translation"] })).toEqual(["0 global 401 1"]);
        expect(await counts({ services: [] })).toEqual([]);
        // A key that has moved is one key.
        expect(await counts({ keyId: id })).toEqual(["0 - 2xx 2"]);
        expect(await counts({ keyId: id, services: ["translation"] })).toEqual([]);
        expect(await counts({ regions: ["westus", "global"] })).toEqual([
          "0 global 401 1",
          "0 westus 2xx 1",
          "0 westus 429 1",
        ]);
        expect(await counts({ tags: ["gold", "silver"], regions: ["eastasia"] })).toEqual([
          "0 eastasia 2xx 1",
        ]);
        expect(await counts({ tags: ["silver"] })).toEqual([]);
      });
    });

    it("says how many rows there are at most, of all services", async () => {
      expect(await log.atMost()).toBe(0);
      await append(
        {},
        { service: "translation" },
        { service: null, action: "update_config", statusCode: null },
      );
      expect(await log.atMost()).toBe(3);
      await Promise.all(Array.from({ length: 700 }, (_, n) => log.append(logDraft({ at: NOON + n }))));
      expect(await log.atMost()).toBe(703);
      expect(await log.prune({ keepRows: 100 }, 1000)).toBe(603);
      expect(await log.atMost()).toBeGreaterThanOrEqual(100);
      expect(await log.atMost()).toBeLessThanOrEqual(110);
    });

    describe("pruning", () => {
      beforeEach(() =>
        append(...Array.from({ length: 6 }, (_, n) => ({ note: `${n}`, at: NOON + n, keyId: n % 2 }))),
      );

      it("removes nothing when nothing is asked for", async () => {
        expect(await log.prune({}, 100)).toBe(0);
        expect((await page()).total).toBe(6);
      });

      it("removes rows that are older", async () => {
        expect(await log.prune({ before: NOON + 2 }, 100)).toBe(2);
        expect(await notes()).toEqual(["5", "4", "3", "2"]);
      });

      it("removes the oldest rows beyond a count, of both services together", async () => {
        await append({ service: "translation", note: "x", at: NOON + 9 });
        expect(await log.prune({ keepRows: 3 }, 100)).toBe(4);
        expect(await notes()).toEqual(["5", "4"]);
        expect(await notes({ services: ["translation"] })).toEqual(["x"]);
      });

      it("can keep no row at all", async () => {
        expect(await log.prune({ keepRows: 0 }, 100)).toBe(6);
        expect(await page()).toEqual({ entries: [], total: 0 });
      });

      it("removes rows that exceed either limit", async () => {
        expect(await log.prune({ before: NOON + 4, keepRows: 5 }, 100)).toBe(4);
        expect(await log.prune({ before: NOON, keepRows: 1 }, 100)).toBe(1);
        expect(await notes()).toEqual(["5"]);
      });

      it("stops at the limit, having removed the oldest", async () => {
        expect(await log.prune({ before: NOON + 5 }, 2)).toBe(2);
        expect(await notes()).toEqual(["5", "4", "3", "2"]);
        expect(await log.prune({ before: NOON + 5 }, 2)).toBe(2);
        expect(await log.prune({ before: NOON + 5 }, 2)).toBe(1);
        expect(await log.prune({ before: NOON + 5 }, 2)).toBe(0);
      });

      it("goes by the row's instant, not by when it was written", async () => {
        await append({ note: "late", at: NOON - 1 });
        expect(await log.prune({ keepRows: 6 }, 100)).toBe(1);
        expect(await notes()).toEqual(["5", "4", "3", "2", "1", "0"]);
      });

      it("leaves the totals right", async () => {
        await log.prune({ before: NOON + 3 }, 100);
        expect((await page({ keyId: 1 })).total).toBe(2);
        expect((await page({ action: "set_status" })).total).toBe(3);
        expect((await page({ from: NOON })).total).toBe(3);
      });
    });
  });
}
