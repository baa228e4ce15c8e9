import { beforeEach, describe, expect, it } from "vitest";
import type { InMemoryCooldownStore } from "../../../src/adapters/in-memory/index.ts";
import { memberOf } from "../../../src/application/keyring/copies.ts";
import { GivenLeases } from "../../../src/application/keyring/given-leases.ts";
import { RestoringLeases } from "../../../src/application/keyring/restoring-leases.ts";
import type { Key, LeaseStore } from "../../../src/domain/index.ts";
import { until } from "../../../src/testing/until.ts";
import { type LosableCopies, openLosableCopies } from "../../situations/copies.ts";

const TTL_MS = 60_000;

let copies: LosableCopies;
let store: InMemoryCooldownStore;
let given: GivenLeases;
let restoring: RestoringLeases;
let key: Key;
let ids: number;
beforeEach(async () => {
  ids = 0;
  copies = openLosableCopies();
  store = copies.cooldowns;
  given = new GivenLeases();
  const { clock, copies: all } = copies;
  restoring = new RestoringLeases({ clock, copies: all, store: all.leases as LeaseStore, given });
  key = await copies.add();
});

/** Gives a lease as `Leasing` does. */
const give = async (): Promise<string> => {
  const { service, region } = key;
  const draft = { id: `lease-${++ids}`, ttlMs: TTL_MS };
  const turn = await store.lease({ service, region }, "round_robin", draft);
  if (turn.status !== "taken") throw new Error(turn.status);
  given.give(turn.lease, key, turn.list);
  given.see(key, turn.list);
  return turn.lease.id;
};
const idsIn = async (region = key.region) => {
  // It gets no lease after this.
  const { leases } = await store.drop({ ...memberOf(key), region });
  return leases.map(({ id }) => id).toSorted();
};
const allGiven = () => Array.from(given.running(), ({ lease: { id } }) => id);

describe("a list that was lost", () => {
  it("gets what was given here, until the same instants", async () => {
    const id = await give();
    copies.clock.advance(TTL_MS - 1);
    copies.lose();
    await restoring.restore(key);
    expect(await idsIn()).toEqual([id]);
    copies.clock.advance(1);
    expect(await idsIn()).toEqual([]);
  });

  it("is the one that is seen from then on", async () => {
    await give();
    copies.lose();
    await restoring.restore(key);
    expect(given.listOf(key)).toBe(await store.listOf(key));
    copies.leaseCalls.length = 0;
    await restoring.restore(key);
    expect(copies.leaseCalls).toEqual(["listOf"]);
  });

  it("is restored once for all who ask at a time", async () => {
    await give();
    copies.lose();
    copies.leases.hold("restore");
    const both = Promise.all([restoring.restore(key), restoring.restore(key)]);
    await until(() => copies.leases.held > 0);
    copies.leases.release();
    await both;
    expect(copies.leaseCalls.filter((name) => name === "restore")).toHaveLength(1);
  });

  it("does not get back what has ended in it since", async () => {
    const id = await give();
    copies.lose();
    await restoring.restore(key);
    await store.release(memberOf(key), id);
    await restoring.restore(key);
    expect(await idsIn()).toEqual([]);
  });

  it("that comes back lets go of what ended while another was in use", async () => {
    const [ended, running] = [await give(), await give()];
    const before = copies.lose();
    await restoring.restore(key);
    await store.release(memberOf(key), ended);
    given.ended(ended, key, given.listOf(key));
    copies.lose(before);
    expect(await idsIn()).toEqual([ended, running]);
    await restoring.restore(key);
    expect([await idsIn(), [...given.leftOver()]]).toEqual([[running], []]);
  });

  it("that comes back keeps what was renewed in another, for as long", async () => {
    const id = await give();
    const before = copies.lose();
    await restoring.restore(key);
    copies.clock.advance(1_000);
    const renewal = await store.renew(memberOf(key), { id, ttlMs: TTL_MS });
    if (renewal.status !== "renewed") throw new Error(renewal.status);
    given.renew(renewal.lease, key, renewal.list);
    copies.lose(before);
    await restoring.restore(key);
    copies.clock.advance(TTL_MS - 1);
    expect(await idsIn()).toEqual([id]);
  });

  it("while it is asked what it still has is restored as the one that follows it", async () => {
    const id = await give();
    const before = copies.lose();
    await restoring.restore(key);
    copies.lose(before);
    copies.leases.hold("keep");
    const restored = restoring.restore(key);
    await until(() => copies.leases.held === 1);
    copies.lose();
    copies.leases.release();
    await restored;
    expect([await idsIn(), given.listOf(key)]).toEqual([[id], await store.listOf(key)]);
  });
});

describe("a key that has moved", () => {
  beforeEach(async () => {
    await give();
    copies.known.set({ ...key, region: "westus", placement: 1 });
  });

  it("has its leases in the new pool", async () => {
    await restoring.restore({ ...key, region: "westus" });
    expect(await idsIn("westus")).toEqual(["lease-1"]);
  });

  it("brings none along that has ended in the pool it came from", async () => {
    await store.release(memberOf(key), "lease-1");
    await restoring.restore({ ...key, region: "westus" });
    expect(await idsIn("westus")).toEqual([]);
  });
});

describe("looking after leases", () => {
  it("restores a list that was lost and that nobody has asked since", async () => {
    const id = await give();
    copies.lose();
    await restoring.lookAfter();
    expect(await idsIn()).toEqual([id]);
  });

  it("forgets what another instance has ended", async () => {
    const [ended, running] = [await give(), await give()];
    await store.release(memberOf(key), ended);
    await restoring.lookAfter();
    expect(allGiven()).toEqual([running]);
  });

  it("forgets what has run out, and what is left over of it", async () => {
    const [runsOut, ended] = [await give(), await give()];
    given.ended(ended, key, "another list");
    copies.clock.advance(TTL_MS);
    await restoring.lookAfter();
    expect([allGiven().includes(runsOut), [...given.leftOver()]]).toEqual([false, []]);
  });

  it("asks nothing where nothing runs", async () => {
    await restoring.lookAfter();
    expect(copies.leaseCalls).toEqual([]);
  });
});
