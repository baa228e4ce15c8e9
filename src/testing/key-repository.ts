import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import {
  compareStandings,
  type Key,
  type KeyFilter,
  type KeyOrder,
  type KeyRepository,
  type KeyStatus,
  merge,
  type Usage,
} from "../domain/index.ts";
import {
  cooling,
  disabledByCode,
  disabledByPerson,
  keyDraft,
  logDraft,
  NOON,
  type Open,
  type OpenStorage,
  standing,
} from "./storage.ts";

const ALL_LOGS = { services: ["speech", null], offset: 0, limit: 100 } as const;

export function describeKeyRepository(name: string, open: Open): void {
  describe(`${name} as a KeyRepository`, () => {
    let storage: OpenStorage;
    let keys: KeyRepository;

    beforeEach(async () => {
      storage = await open();
      keys = storage.keys;
    });
    afterEach(() => storage.close());

    const logged = async () => (await storage.log.list(ALL_LOGS)).entries;

    describe("adding", () => {
      it("stores every field and gives an identity", async () => {
        const draft = keyDraft({
          ...{ tag: "blue", name: "第一把 🔑", maxInFlight: 10_000 },
          standing: disabledByCode(403, NOON - 1),
        });
        const added = await keys.add(draft, null);
        expect(added).toEqual({ ...draft, id: added.id, placement: 0 });
        expect(await keys.get(added.id)).toEqual(added);
        expect(await keys.findBySecret("speech", draft.secret)).toEqual(added);
      });

      it.each([standing(), cooling(), disabledByCode(), disabledByPerson()])(
        "brings the standing back as it was: %o",
        async (given) => {
          const { id } = await keys.add(keyDraft({ standing: given }), null);
          expect((await keys.get(id))?.standing).toEqual(given);
        },
      );

      it("refuses a secret that the service has already", async () => {
        await keys.add(keyDraft(), null);
        await expect(keys.add(keyDraft({ region: "eastus" }), logDraft())).rejects.toMatchObject({
          code: "key_exists",
        });
        expect(await logged()).toEqual([]);
      });

      it("takes the same secret for the other service", async () => {
        const speech = await keys.add(keyDraft(), null);
        const translation = await keys.add(keyDraft({ service: "translation" }), null);
        expect(translation.id).not.toBe(speech.id);
        expect((await keys.findBySecret("translation", keyDraft().secret))?.id).toBe(translation.id);
      });

      it("takes secrets that differ in case for different ones", async () => {
        await keys.add(keyDraft({ secret: "SECRET-0001" }), null);
        expect(await keys.findBySecret("speech", "secret-0001")).toBeUndefined();
      });

      it("writes the log row with the new key's id", async () => {
        const { id } = await keys.add(keyDraft(), logDraft({ action: "add_key", keyName: "first" }));
        expect(await logged()).toMatchObject([{ keyId: id, action: "add_key", keyName: "first" }]);
      });

      it("never gives an id twice, even of a removed key", async () => {
        const first = await keys.add(keyDraft(), null);
        await keys.remove(first.id, null);
        const second = await keys.add(keyDraft(), null);
        expect(second.id).toBeGreaterThan(first.id);
      });

      it("lets exactly one of many concurrent adders of one secret succeed", async () => {
        const attempts = Array.from({ length: 50 }, () => keys.add(keyDraft(), logDraft()));
        const outcomes = await Promise.allSettled(attempts);
        expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        expect(await logged()).toHaveLength(1);
      });

      it("a refusal affects its own caller only", async () => {
        await keys.add(keyDraft({ secret: "taken-00" }), null);
        const secrets = ["free-001", "taken-00", "free-002", "taken-00", "free-003"];
        const outcomes = await Promise.allSettled(
          secrets.map((secret) => keys.add(keyDraft({ secret }), null)),
        );
        expect(outcomes.map(({ status }) => status)).toEqual([
          "fulfilled",
          "rejected",
          "fulfilled",
          "rejected",
          "fulfilled",
        ]);
        expect((await keys.list({ service: "speech" }, NOON)).total).toBe(4);
      });
    });

    describe("describing", () => {
      it("changes only what is given and answers the key", async () => {
        const added = await keys.add(keyDraft({ tag: "blue", standing: cooling() }), null);
        const renamed = await keys.describe(added.id, { name: "second" }, null);
        expect(renamed).toEqual({ ...added, name: "second" });
        const moved = await keys.describe(added.id, { region: "eastus", tag: null }, null);
        expect(moved).toEqual({ ...added, name: "second", region: "eastus", tag: null, placement: 1 });
        expect(await keys.get(added.id)).toEqual(moved);
      });

      it("counts the regions, tags and limits that a key is given, and nothing else", async () => {
        const { id, placement } = await keys.add(keyDraft(), null);
        expect(placement).toBe(0);
        expect(await keys.describe(id, { name: "second" }, null)).toMatchObject({ placement: 0 });
        expect(await keys.describe(id, { tag: null }, null)).toMatchObject({ placement: 1 });
        expect(await keys.describe(id, { region: "eastus", tag: "red" }, null)).toMatchObject({
          placement: 2,
        });
        await keys.describe(id, { tag: "blue" }, null, "elsewhere");
        expect(await keys.get(id)).toMatchObject({ placement: 2, tag: "red" });
      });

      it("gives a key a limit and takes it away, in the place that it has", async () => {
        const { id } = await keys.add(keyDraft({ tag: "blue" }), null);
        expect(await keys.describe(id, { maxInFlight: 20 }, logDraft({ keyId: id }))).toMatchObject({
          ...{ maxInFlight: 20, tag: "blue", placement: 1 },
        });
        expect((await keys.list({ service: "speech" }, NOON)).keys).toMatchObject([{ maxInFlight: 20 }]);
        expect(await keys.describe(id, { name: "second" }, null)).toMatchObject({ maxInFlight: 20 });
        expect(await keys.describe(id, { maxInFlight: null }, null)).toMatchObject({
          ...{ maxInFlight: null, placement: 2 },
        });
        expect(await keys.get(id)).toMatchObject({ maxInFlight: null, placement: 2 });
        expect(await logged()).toHaveLength(1);
      });

      it("answers the key as it is when nothing is given", async () => {
        const added = await keys.add(keyDraft(), null);
        expect(await keys.describe(added.id, {}, null)).toEqual(added);
      });

      it("changes and logs nothing when the key is expected in another region", async () => {
        const added = await keys.add(keyDraft({ region: "eastus" }), null);
        expect(
          await keys.describe(added.id, { name: "x", region: "westus" }, logDraft(), "westus"),
        ).toBeUndefined();
        expect(await keys.get(added.id)).toEqual(added);
        expect(await logged()).toEqual([]);
        const renamed = await keys.describe(added.id, { name: "x" }, logDraft(), "eastus");
        expect(renamed).toEqual({ ...added, name: "x" });
        expect(await logged()).toHaveLength(1);
      });

      it("refuses an unknown key and logs nothing", async () => {
        await expect(keys.describe(4711, { name: "x" }, logDraft(), "eastus")).rejects.toMatchObject({
          code: "key_not_found",
        });
        await expect(keys.describe(4711, { name: "x" }, logDraft())).rejects.toMatchObject({
          code: "key_not_found",
        });
        expect(await logged()).toEqual([]);
      });
    });

    describe("settling", () => {
      it("stores a standing that outranks the stored one, with its log row", async () => {
        const { id } = await keys.add(keyDraft(), null);
        expect(await keys.settle(id, cooling(), logDraft({ action: "cooldown_start", keyId: id }))).toEqual(
          cooling(),
        );
        expect((await keys.get(id))?.standing).toEqual(cooling());
        expect(await logged()).toMatchObject([{ keyId: id, action: "cooldown_start" }]);
      });

      it("answers the stored standing when that one outranks, and logs what led to it", async () => {
        const { id } = await keys.add(keyDraft({ standing: disabledByPerson() }), null);
        expect(await keys.settle(id, cooling(), logDraft({ keyId: id }))).toEqual(disabledByPerson());
        expect(await logged()).toHaveLength(1);
      });

      it("logs nothing when the key has been enabled since", async () => {
        const { id } = await keys.add(keyDraft({ standing: { ...standing(), generation: 1 } }), null);
        await keys.settle(id, cooling(), logDraft());
        expect(await logged()).toEqual([]);
      });

      it("writes the log row of a standing that is stored already", async () => {
        const { id } = await keys.add(keyDraft(), null);
        await keys.settle(id, cooling(), null);
        expect(await keys.settle(id, cooling(), logDraft({ keyId: id }))).toEqual(cooling());
        expect(await logged()).toHaveLength(1);
      });

      const ladder = [
        standing(),
        cooling(NOON),
        { ...cooling(NOON), protectedUntil: NOON + 9000 },
        cooling(NOON + 1),
        disabledByCode(404, NOON + 1),
        disabledByCode(404, NOON),
        disabledByCode(401, NOON),
        { ...disabledByCode(), cooldownUntil: NOON },
        disabledByPerson(NOON + 1),
        disabledByPerson(NOON),
        standing({ generation: 1 }),
        { ...disabledByCode(), generation: 1 },
        standing({ generation: 2 }),
      ];

      it("orders any two standings as the domain does", async () => {
        const { id } = await keys.add(keyDraft(), null);
        for (const [rung, lower] of ladder.entries()) {
          for (const higher of ladder.slice(rung + 1))
            expect(compareStandings(lower, higher)).toBeLessThan(0);
          expect(await keys.settle(id, lower, null)).toEqual(lower);
          for (const weaker of ladder.slice(0, rung)) {
            expect(await keys.settle(id, weaker, null)).toEqual(lower);
          }
        }
      });

      it("ends with the highest of many concurrent standings, in any order", async () => {
        const { id } = await keys.add(keyDraft(), null);
        const shuffled = [...ladder, ...ladder].sort(
          (a, b) => (a.protectedUntil % 7) - (b.protectedUntil % 7),
        );
        await Promise.all(shuffled.map((next) => keys.settle(id, next, null)));
        expect((await keys.get(id))?.standing).toEqual(ladder.reduce(merge));
      });

      it("refuses an unknown key", async () => {
        await expect(keys.settle(4711, cooling(), logDraft())).rejects.toMatchObject({
          code: "key_not_found",
        });
        expect(await logged()).toEqual([]);
      });

      it("a missing key affects its own caller only", async () => {
        const { id } = await keys.add(keyDraft(), null);
        const outcomes = await Promise.allSettled([
          keys.settle(4711, cooling(), null),
          keys.settle(id, cooling(), null),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
        expect((await keys.get(id))?.standing).toEqual(cooling());
      });
    });

    describe("settling with an expected standing", () => {
      const enabled = standing({ generation: 1 });

      it.each([standing(), cooling(), disabledByCode(), disabledByPerson()])(
        "stores the next standing and its log row while it is still %o",
        async (expected) => {
          const { id } = await keys.add(keyDraft({ standing: expected }), null);
          expect(await keys.settle(id, enabled, logDraft({ keyId: id }), expected)).toEqual(enabled);
          expect((await keys.get(id))?.standing).toEqual(enabled);
          expect(await logged()).toHaveLength(1);
        },
      );

      it.each([
        ["a person has disabled the key", disabledByPerson()],
        ["another code has disabled it", disabledByCode(403)],
        ["it was disabled at another time", disabledByCode(401, NOON + 1)],
        ["it has rested meanwhile", { ...disabledByCode(), cooldownUntil: NOON, protectedUntil: NOON }],
        ["it has been enabled and disabled again", { ...disabledByCode(), generation: 1 }],
        ["it is in a lower standing", standing()],
        ["it is there already", enabled],
      ])("stores and logs nothing when %s", async (_case, stored) => {
        const { id } = await keys.add(keyDraft({ standing: stored }), null);
        expect(await keys.settle(id, enabled, logDraft({ keyId: id }), disabledByCode())).toEqual(stored);
        expect((await keys.get(id))?.standing).toEqual(stored);
        expect(await logged()).toEqual([]);
      });

      it("refuses an unknown key", async () => {
        await expect(keys.settle(4711, enabled, logDraft(), disabledByCode())).rejects.toMatchObject({
          code: "key_not_found",
        });
        expect(await logged()).toEqual([]);
      });

      it("never undoes a person's disable that is made at the same time", async () => {
        const added = await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            keys.add(keyDraft({ secret: `raced-for-${n}`, standing: disabledByCode() }), null),
          ),
        );
        await Promise.all(
          added.flatMap(({ id }) => [
            keys.settle(id, disabledByPerson(), null),
            keys.settle(id, enabled, null, disabledByCode()),
          ]),
        );
        for (const { id } of added) expect((await keys.get(id))?.standing).toEqual(disabledByPerson());
      });
    });

    describe("removing", () => {
      it("removes the key and keeps its log rows", async () => {
        const { id, secret } = await keys.add(keyDraft(), logDraft({ action: "add_key" }));
        const from = await keys.remove(id, logDraft({ action: "delete_key", keyId: id, keyName: "first" }));
        expect(from).toEqual({ service: "speech", region: "eastasia" });
        expect(await keys.get(id)).toBeUndefined();
        expect(await keys.findBySecret("speech", secret)).toBeUndefined();
        expect((await logged()).map(({ action }) => action)).toEqual(["delete_key", "add_key"]);
      });

      it("does nothing and logs nothing for a key that is gone", async () => {
        expect(await keys.remove(4711, logDraft({ action: "delete_key" }))).toBeUndefined();
        expect(await logged()).toEqual([]);
      });
    });

    describe("counting use", () => {
      it("adds up", async () => {
        const { id } = await keys.add(keyDraft(), null);
        await keys.addUsage([{ id, uses: 3, errors: 1, lastUsedAt: NOON }]);
        await keys.addUsage([{ id, uses: 2, errors: 0, lastUsedAt: null }]);
        const { keys: listed } = await keys.list({ service: "speech" }, NOON);
        expect(listed).toMatchObject([{ usageCount: 5, errorCount: 1, lastUsedAt: NOON }]);
      });

      it("never moves the last use back", async () => {
        const { id } = await keys.add(keyDraft(), null);
        await keys.addUsage([{ id, uses: 1, errors: 0, lastUsedAt: NOON }]);
        await keys.addUsage([{ id, uses: 1, errors: 0, lastUsedAt: NOON - 1 }]);
        expect((await keys.list({ service: "speech" }, NOON)).keys[0]?.lastUsedAt).toBe(NOON);
      });

      it("passes over keys that are gone", async () => {
        const { id } = await keys.add(keyDraft(), null);
        await keys.addUsage([
          { id: 4711, uses: 1, errors: 1, lastUsedAt: NOON },
          { id, uses: 1, errors: 0, lastUsedAt: NOON },
        ]);
        await keys.addUsage([]);
        expect((await keys.list({ service: "speech" }, NOON)).keys).toMatchObject([{ usageCount: 1 }]);
      });

      it("takes more keys than fit into one transaction", async () => {
        const added = await addMany(keys, 701);
        await keys.addUsage(added.map(({ id }) => ({ id, uses: 1, errors: 2, lastUsedAt: NOON })));
        const { keys: listed } = await keys.list({ service: "speech" }, NOON);
        expect(
          listed.filter(({ usageCount, errorCount }) => usageCount === 1 && errorCount === 2),
        ).toHaveLength(701);
      });

      it("leaves the standing alone", async () => {
        const { id } = await keys.add(keyDraft({ standing: cooling() }), null);
        await keys.addUsage([{ id, uses: 1, errors: 1, lastUsedAt: NOON }]);
        expect((await keys.get(id))?.standing).toEqual(cooling());
      });
    });

    describe("loading", () => {
      it("has nothing to load when empty", async () => {
        expect(await loadAll(keys)).toEqual([]);
        expect(await keys.pools()).toEqual([]);
        expect(await collected(keys.loadPool("speech", "eastasia"))).toEqual([]);
      });

      it("loads in hand-out order: never used first, then by last use, then by id", async () => {
        const [a, b, c, d] = (await addMany(keys, 4)) as [Key, Key, Key, Key];
        await keys.addUsage([
          { id: a.id, uses: 1, errors: 0, lastUsedAt: NOON + 2 },
          { id: c.id, uses: 1, errors: 0, lastUsedAt: NOON + 1 },
          { id: d.id, uses: 1, errors: 0, lastUsedAt: NOON + 1 },
        ]);
        const order = [b.id, c.id, d.id, a.id];
        expect((await loadAll(keys)).map(({ id }) => id)).toEqual(order);
        expect((await collected(keys.loadPool("speech", "eastasia"))).map(({ id }) => id)).toEqual(order);
      });

      it("loads both services, and a large pool alone, in several chunks, each key once, with every field", async () => {
        const added = await addMany(keys, 1_007);
        const there = await keys.add(keyDraft({ region: "eastus", secret: "secret-there" }), null);
        const other = await keys.add(keyDraft({ service: "translation", standing: disabledByCode() }), null);
        expect(await loadAll(keys)).toEqual([...added, there, other]);
        expect(await collected(keys.loadPool("speech", "eastasia"))).toEqual(added);
      });

      it("answers the pools that have keys, each once", async () => {
        await addMany(keys, 3);
        await keys.add(keyDraft({ secret: "secret-there", region: "eastus" }), null);
        await keys.add(keyDraft({ service: "translation", standing: disabledByPerson() }), null);
        const gone = await keys.add(keyDraft({ secret: "secret-gone", region: "westus" }), null);
        await keys.remove(gone.id, null);
        const places = await keys.pools();
        expect(places.map(({ service, region }) => `${service} ${region}`).toSorted()).toEqual([
          "speech eastasia",
          "speech eastus",
          "translation eastasia",
        ]);
        expect(new Set(places.flatMap((place) => Object.keys(place)))).toEqual(
          new Set(["service", "region"]),
        );
      });

      it("limits a pool to its service and region", async () => {
        const here = await keys.add(keyDraft({ secret: "secret-here" }), null);
        await keys.add(keyDraft({ secret: "secret-there", region: "eastus" }), null);
        await keys.add(keyDraft({ service: "translation" }), null);
        expect(await collected(keys.loadPool("speech", "eastasia"))).toEqual([here]);
      });
    });

    describe("listing", () => {
      beforeEach(async () => {
        await keys.add(keyDraft({ secret: "enabled-1", tag: "blue" }), null);
        await keys.add(keyDraft({ secret: "cooling-2", standing: cooling(NOON + 1) }), null);
        await keys.add(keyDraft({ secret: "protect-3", standing: cooling(NOON), region: "eastus" }), null);
        await keys.add(keyDraft({ secret: "dead----4", standing: disabledByCode(), tag: "blue" }), null);
        await keys.add(
          keyDraft({ secret: "dead----5", standing: { ...disabledByPerson(), cooldownUntil: NOON + 9 } }),
          null,
        );
        await keys.add(keyDraft({ secret: "foreign-6", service: "translation" }), null);
      });

      const secrets = async (query: Omit<Parameters<KeyRepository["list"]>[0], "service">, now = NOON) =>
        (await keys.list({ service: "speech", ...query }, now)).keys.map(({ secret }) => secret.slice(-1));

      it("lists a service's keys by id", async () => {
        expect(await secrets({})).toEqual(["1", "2", "3", "4", "5"]);
      });

      it.each<[KeyStatus, string[]]>([
        ["enabled", ["1", "3"]],
        ["cooldown", ["2"]],
        ["disabled", ["4", "5"]],
      ])("filters by the status %s at the given instant", async (status, expected) => {
        expect(await secrets({ status })).toEqual(expected);
      });

      it("sees a cooldown end by the given instant alone", async () => {
        expect(await secrets({ status: "cooldown" }, NOON + 1)).toEqual([]);
        expect(await secrets({ status: "cooldown" }, NOON - 1)).toEqual(["2", "3"]);
      });

      it("filters by region and tag together", async () => {
        expect(await secrets({ region: "eastus" })).toEqual(["3"]);
        expect(await secrets({ tag: "blue" })).toEqual(["1", "4"]);
        expect(await secrets({ tag: "blue", region: "eastasia", status: "disabled" })).toEqual(["4"]);
        expect(await secrets({ tag: "BLUE" })).toEqual([]);
      });

      it("pages, and answers the total of all pages", async () => {
        expect(await secrets({ offset: 1, limit: 2 })).toEqual(["2", "3"]);
        expect(await secrets({ offset: 4, limit: 2 })).toEqual(["5"]);
        expect(await secrets({ offset: 3 })).toEqual(["4", "5"]);
        expect((await keys.list({ service: "speech", offset: 9, limit: 2 }, NOON)).total).toBe(5);
        expect((await keys.list({ service: "speech", status: "disabled", limit: 1 }, NOON)).total).toBe(2);
      });

      it("scans all that match by id, and nothing else", async () => {
        const scanned = async (filter: Omit<KeyFilter, "service">, now = NOON) => {
          const found: (Key & Usage)[] = [];
          for await (const page of keys.scan({ service: "speech", ...filter }, now)) found.push(...page);
          return found;
        };
        expect(await scanned({})).toEqual((await keys.list({ service: "speech" }, NOON)).keys);
        const lasts = async (filter: Omit<KeyFilter, "service">, now = NOON) =>
          (await scanned(filter, now)).map(({ secret }) => secret.slice(-1));
        expect(await lasts({ status: "enabled" })).toEqual(["1", "3"]);
        expect(await lasts({ status: "cooldown" }, NOON - 1)).toEqual(["2", "3"]);
        expect(await lasts({ tag: "blue", region: "eastasia", status: "disabled" })).toEqual(["4"]);
        expect(await lasts({ region: "nowhere" })).toEqual([]);
      });

      it("scans in pages of at most 1,000, each key once, and ends a scan with its iteration", async () => {
        const added = await addMany(keys, 1100);
        const pages: (readonly Key[])[] = [];
        for await (const page of keys.scan({ service: "speech" }, NOON)) pages.push(page);
        expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(1000);
        expect(pages.length).toBeGreaterThan(1);
        expect(pages.flat().slice(5)).toMatchObject(added.map(({ id }) => ({ id })));
        for (let time = 0; time < 3; time++) {
          for await (const page of keys.scan({ service: "speech" }, NOON)) {
            expect(page.length).toBeGreaterThan(0);
            break;
          }
        }
        expect((await keys.list({ service: "speech", limit: 1 }, NOON)).total).toBe(1105);
      });

      it("counts by status", async () => {
        expect(await keys.count("speech", NOON)).toEqual({ enabled: 2, cooldown: 1, disabled: 2 });
        expect(await keys.count("speech", NOON + 1)).toEqual({ enabled: 3, cooldown: 0, disabled: 2 });
        expect(await keys.count("translation", NOON)).toEqual({ enabled: 1, cooldown: 0, disabled: 0 });
      });

      it("finds by a part of name, region or tag, in whatever case, and by id", async () => {
        const { id } = await keys.add(
          keyDraft({ secret: "named---7", name: "Team Ä 50%_!", region: "northeurope", tag: "Gold" }),
          null,
        );
        for (const text of ["tEAM Ä 5", "50%_!", "NORTHEUR", "gold"]) {
          expect(await secrets({ text, limit: 9 }), text).toEqual(["7"]);
        }
        for (const text of ["50_", "%", "!%", "named", "2%0"]) {
          expect(await secrets({ text, limit: 9 }), text).toEqual(text === "%" ? ["7"] : []);
        }
        expect(await secrets({ text: "blue" })).toEqual(["1", "4"]);
        expect(await secrets({ text: "blue", status: "disabled" })).toEqual(["4"]);
        expect((await keys.list({ service: "speech", text: "blue", limit: 1 }, NOON)).total).toBe(2);
        expect(await secrets({ id })).toEqual(["7"]);
        expect((await keys.list({ service: "translation", id, limit: 1 }, NOON)).keys).toEqual([]);
      });

      it("sorts by what is asked for, ties by id, and pages in that order", async () => {
        const added = await keys.list({ service: "speech" }, NOON);
        const [one, two, three] = added.keys.map(({ id }) => id) as [number, number, number];
        for (const [id, name] of [
          [one, "z"],
          [two, "Y"],
          [three, "x"],
        ] as const)
          await keys.describe(id, { name }, null);
        await keys.addUsage([
          { id: two, uses: 5, errors: 0, lastUsedAt: NOON },
          { id: one, uses: 5, errors: 3, lastUsedAt: NOON + 1 },
        ]);
        const sorted = async (by: KeyOrder, descending: boolean, limit?: number) =>
          (await secrets({ sort: { by, descending }, ...(limit && { limit, offset: 1 }) })).join("");
        for (const limit of [undefined, 3]) {
          const shown = (all: string) => (limit ? all.slice(1, 1 + limit) : all);
          expect(await sorted("id", true, limit)).toBe(shown("54321"));
          expect(await sorted("name", true, limit)).toBe(shown("12345"));
          expect(await sorted("region", true, limit)).toBe(shown("31245"));
          expect(await sorted("usage_count", false, limit)).toBe(shown("34512"));
          expect(await sorted("usage_count", true, limit)).toBe(shown("12345"));
          expect(await sorted("error_count", true, limit)).toBe(shown("12345"));
          expect(await sorted("last_used", false, limit)).toBe(shown("34521"));
          expect(await sorted("last_used", true, limit)).toBe(shown("12345"));
        }
      });

      it("counts each pool, and says when its first key returns", async () => {
        const standing = cooling(NOON + 5);
        await keys.add(keyDraft({ secret: "cooling-7", standing }), null);
        const pool = { service: "speech", region: "eastasia", disabled: 2 } as const;
        const east = { service: "speech", region: "eastus", enabled: 1, cooldown: 0, disabled: 0 } as const;
        const other = { ...east, service: "translation", region: "eastasia", nextAt: null } as const;
        expect(await keys.countPools(NOON)).toEqual([
          { ...pool, enabled: 1, cooldown: 2, nextAt: NOON + 1 },
          { ...east, nextAt: null },
          other,
        ]);
        expect(await keys.countPools(NOON - 1)).toMatchObject([
          {},
          { ...east, enabled: 0, cooldown: 1, nextAt: NOON },
          other,
        ]);
        expect((await keys.countPools(NOON + 5))[0]).toEqual({
          ...pool,
          enabled: 3,
          cooldown: 0,
          nextAt: null,
        });
      });

      it("treats hostile text as text", async () => {
        expect(await secrets({ region: "' or 1=1 --", tag: "%" })).toEqual([]);
      });
    });

    it("counts an empty service as nothing", async () => {
      expect(await keys.countPools(NOON)).toEqual([]);
      expect(await keys.count("speech", NOON)).toEqual({ enabled: 0, cooldown: 0, disabled: 0 });
    });

    it("answers undefined for what it does not hold", async () => {
      expect(await keys.get(4711)).toBeUndefined();
      expect(await keys.get(Number.MAX_SAFE_INTEGER)).toBeUndefined();
      expect(await keys.findBySecret("speech", "nobody-has-it")).toBeUndefined();
    });

    describe("with two owners", () => {
      test("neither loses the other's counts", async (context) => {
        if (storage.openAnother === undefined) return context.skip("this backend has one owner");
        const other = await storage.openAnother();
        const { id } = await keys.add(keyDraft(), null);
        const use = (repository: KeyRepository) =>
          repository.addUsage([{ id, uses: 1, errors: 1, lastUsedAt: NOON }]);
        await Promise.all(Array.from({ length: 200 }, (_, n) => use(n % 2 ? keys : other.keys)));
        const { keys: listed } = await other.keys.list({ service: "speech" }, NOON);
        expect(listed).toMatchObject([{ usageCount: 200, errorCount: 200 }]);
      });

      test("concurrent settling never lets a lower standing overwrite a higher", async (context) => {
        if (storage.openAnother === undefined) return context.skip("this backend has one owner");
        const other = await storage.openAnother();
        const { id } = await keys.add(keyDraft(), null);
        const contenders = Array.from({ length: 100 }, (_, n) => cooling(NOON + ((n * 37) % 100)));
        const answers = await Promise.all(
          contenders.map((next, n) => (n % 2 ? keys : other.keys).settle(id, next, logDraft({ keyId: id }))),
        );
        const highest = contenders.reduce(merge);
        expect((await keys.get(id))?.standing).toEqual(highest);
        for (const [n, answer] of answers.entries()) {
          expect(compareStandings(answer, contenders[n] as typeof answer)).toBeGreaterThanOrEqual(0);
        }
        expect((await other.log.list(ALL_LOGS)).total).toBe(contenders.length);
      });

      test("only one adds a secret", async (context) => {
        if (storage.openAnother === undefined) return context.skip("this backend has one owner");
        const other = await storage.openAnother();
        const attempts = Array.from({ length: 40 }, (_, n) =>
          (n % 2 ? keys : other.keys).add(keyDraft(), null),
        );
        const outcomes = await Promise.allSettled(attempts);
        expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        expect((await other.keys.list({ service: "speech" }, NOON)).total).toBe(1);
      });
    });
  });
}

async function addMany(keys: KeyRepository, count: number): Promise<Key[]> {
  const added: Key[] = [];
  while (added.length < count) {
    const chunk = Array.from({ length: Math.min(250, count - added.length) }, (_, n) =>
      keys.add(keyDraft({ secret: `secret-${added.length + n}` }), null),
    );
    added.push(...(await Promise.all(chunk)));
  }
  return added;
}

const loadAll = (keys: KeyRepository) => collected(keys.load());

async function collected(chunks: AsyncIterable<readonly Key[]>): Promise<Key[]> {
  const loaded: Key[] = [];
  for await (const chunk of chunks) loaded.push(...chunk);
  return loaded;
}
