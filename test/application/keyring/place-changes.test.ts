import { beforeEach, describe, expect, it } from "vitest";
import { memberOf } from "../../../src/application/keyring/copies.ts";
import { disable, type Key, keyLogDraft } from "../../../src/domain/index.ts";
import { until } from "../../../src/testing/until.ts";
import { limitIn, type OpenCopies, openCopies } from "../../situations/copies.ts";

const POOL = { service: "speech", region: "eastasia" } as const;
const WEST = { service: "speech", region: "westus" } as const;

let copies: OpenCopies;
let key: Key;
beforeEach(async () => {
  copies = openCopies();
  key = await copies.add({ tag: "red" });
  await copies.ports.cooldowns.load(WEST, async function* () {});
});

const taken = async (pool: { service: "speech"; region: string; tag?: string }) =>
  (await copies.ports.cooldowns.take(pool, "sticky")).status;
const entry = () => keyLogDraft(key, "update_key", { at: copies.clock.now() });

describe("adding", () => {
  it("is durable before the key joins its pool", async () => {
    copies.repository.break("add");
    await expect(copies.add({ secret: "another-secret" })).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    expect(copies.known.find("speech", "another-secret")).toBeUndefined();
  });

  it("seats a key as another caller has changed it meanwhile", async () => {
    const added = await copies.places.insert({ ...key, secret: "another-secret" }, null);
    const found = (await copies.catchingUp.byId(added.id)) as Key;
    copies.known.set({ ...found, standing: disable(found.standing, 1) });
    await copies.places.seat([added]);
    expect(await copies.ports.cooldowns.read(memberOf(added))).toMatchObject({
      standing: { status: "disabled" },
    });
  });
});

describe("describing", () => {
  it("takes a key out of the pool it leaves before that is written", async () => {
    copies.repository.hold("describe");
    const moving = copies.places.describe(key.id, { region: "westus" }, entry);
    await until(() => copies.repository.held === 1);
    expect([await taken(POOL), await taken(WEST)]).toEqual(["empty", "empty"]);
    copies.repository.release();
    await moving;
    expect([await taken(POOL), await taken(WEST)]).toEqual(["empty", "taken"]);
  });

  it("takes a key out of the tag it loses only, and lets it keep its place in its region", async () => {
    copies.repository.hold("describe");
    const tagging = copies.places.describe(key.id, { tag: "blue" }, entry);
    await until(() => copies.repository.held === 1);
    expect([await taken(POOL), await taken({ ...POOL, tag: "red" })]).toEqual(["taken", "empty"]);
    copies.repository.release();
    await tagging;
    expect([await taken({ ...POOL, tag: "red" }), await taken({ ...POOL, tag: "blue" })]).toEqual([
      "empty",
      "taken",
    ]);
  });

  it("carries along what the old pool learned last", async () => {
    copies.repository.hold("describe");
    const moving = copies.places.describe(key.id, { region: "westus" }, entry);
    await until(() => copies.repository.held === 1);
    await copies.ports.cooldowns.replace(memberOf(key), key.standing, disable(key.standing, 1));
    copies.repository.release();
    const moved = await moving;
    expect(await copies.ports.cooldowns.read(memberOf(moved))).toMatchObject({
      standing: { status: "disabled" },
    });
  });

  it("alone brings the key into a pool that is filled meanwhile, so that what the old one learned is known there", async () => {
    const NORTH = { ...POOL, region: "northeurope" };
    copies.store.hold("drop");
    const moving = copies.places.describe(key.id, { region: "northeurope" }, entry);
    await until(() => copies.store.held === 1);
    await copies.ports.cooldowns.replace(memberOf(key), key.standing, disable(key.standing, 1));
    await copies.filling.fill(NORTH);
    const moved = copies.known.get(key.id) as Key;
    expect(moved.region).toBe("northeurope");
    expect(await copies.ports.cooldowns.read(memberOf(moved))).toEqual({ status: "missing" });
    copies.store.release();
    await moving;
    expect(await copies.ports.cooldowns.read(memberOf(moved))).toMatchObject({
      standing: { status: "disabled" },
    });
  });

  it("starts over where another instance has moved the key and has not told yet", async () => {
    await copies.ports.keys.describe(key.id, { region: "westus" }, null);
    const tagged = await copies.places.describe(key.id, { tag: "blue" }, entry);
    expect(tagged).toMatchObject({ region: "westus", tag: "blue" });
    expect([await taken(POOL), await taken({ ...WEST, tag: "blue" })]).toEqual(["empty", "taken"]);
  });

  it("lets a key with another limit keep its turn, and tells the store of the limit", async () => {
    const other = await copies.add({ secret: "another-secret" });
    const turn = async () => {
      const taken = await copies.ports.cooldowns.take(POOL, "round_robin");
      return taken.status === "taken" && taken.id;
    };
    const limited = await copies.places.describe(key.id, { maxInFlight: 5 }, entry);
    expect(limited).toMatchObject({ maxInFlight: 5, placement: 1 });
    expect(limitIn(copies, key)).toBe(5);
    expect([await turn(), await turn()]).toEqual([key.id, other.id]);
  });

  it("has not limited a key where the storage refuses it", async () => {
    copies.repository.break("describe");
    await expect(copies.places.describe(key.id, { maxInFlight: 5 }, entry)).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    copies.repository.mend();
    await copies.copies.writes.flushAll();
    expect([limitIn(copies, key), copies.known.get(key.id)?.maxInFlight]).toEqual([null, null]);
  });

  it("asks the store for nothing where only the name changes", async () => {
    await copies.places.describe(key.id, { name: "newer" }, entry);
    expect(copies.calls).toEqual([]);
    expect(copies.known.get(key.id)?.name).toBe("newer");
  });

  it("stays in force and owed where the storage refuses it", async () => {
    copies.repository.break("describe");
    await expect(copies.places.describe(key.id, { region: "westus" }, entry)).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    expect([await taken(POOL), await taken(WEST)]).toEqual(["empty", "empty"]);
    copies.repository.mend();
    await copies.copies.writes.flushAll();
    expect(await taken(WEST)).toBe("taken");
  });

  it("is written and logged once where it was asked for again and again meanwhile", async () => {
    copies.repository.break("describe");
    for (const region of ["westus", "westus", "westus"]) {
      await copies.places.describe(key.id, { region }, entry).catch(() => {});
    }
    copies.repository.mend();
    await copies.copies.writes.flushAll();
    const { entries } = await copies.ports.log.list({ services: ["speech"], offset: 0, limit: 9 });
    expect(entries.filter(({ action }) => action === "update_key")).toHaveLength(1);
    expect(copies.known.get(key.id)?.placement).toBe(1);
  });
});

describe("removing", () => {
  it("takes the key out of its queues before that is written, and forgets it afterwards", async () => {
    copies.repository.hold("remove");
    const removing = copies.places.remove(key, entry());
    await until(() => copies.repository.held === 1);
    expect(await taken(POOL)).toBe("empty");
    expect(copies.known.get(key.id)).toBeDefined();
    copies.repository.release();
    await removing;
    expect(copies.known.get(key.id)).toBeUndefined();
    expect((await copies.ports.cooldowns.read(memberOf(key))).status).toBe("missing");
  });

  it("takes it out of the pool it has been moved to while the removal waited", async () => {
    copies.repository.hold("describe");
    const moving = copies.places.describe(key.id, { region: "westus" }, entry);
    await until(() => copies.repository.held === 1);
    const removing = copies.places.remove(key, entry());
    copies.repository.release();
    await Promise.all([moving, removing]);
    expect([await taken(POOL), await taken(WEST)]).toEqual(["empty", "empty"]);
  });

  for (const [deed, changes] of Object.entries({
    limited: { maxInFlight: 5 },
    moved: { region: "westus" },
  })) {
    it(`takes it out for good, though it is ${deed} at the same time`, async () => {
      copies.repository.hold("describe");
      const changing = copies.places.describe(key.id, changes, entry);
      await until(() => copies.repository.held === 1);
      const removing = copies.places.remove(key, entry());
      copies.repository.release();
      copies.repository.hold("remove");
      await changing;
      await until(() => copies.repository.held === 1);
      expect([await taken(POOL), await taken(WEST)]).toEqual(["empty", "empty"]);
      copies.repository.release();
      await removing;
    });
  }

  it("lets the key go on where it could not leave its queues", async () => {
    copies.store.break("leave");
    await expect(copies.places.remove(key, entry())).rejects.toMatchObject({ code: "storage_unavailable" });
    copies.store.mend();
    await copies.places.describe(key.id, { region: "westus" }, entry);
    expect(await taken(WEST)).toBe("taken");
  });

  it("a second removal is refused", async () => {
    const [, second] = await Promise.allSettled([1, 2].map(() => copies.places.remove(key, entry())));
    expect(second).toMatchObject({ status: "rejected", reason: { code: "key_not_found" } });
  });
});
