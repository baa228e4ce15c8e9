import { beforeEach, describe, expect, it } from "vitest";
import type { InMemoryCooldownStore } from "../../../src/adapters/in-memory/index.ts";
import { leftFor, memberOf } from "../../../src/application/keyring/copies.ts";
import { type KeyLease, Leasing } from "../../../src/application/keyring/leasing.ts";
import { disable, type Key, keyLogDraft, type Lease, type LeaseStore } from "../../../src/domain/index.ts";
import { until } from "../../../src/testing/until.ts";
import { type LosableCopies, openLosableCopies } from "../../situations/copies.ts";

const TTL_MS = 60_000;
const EAST = { service: "speech", region: "eastasia" } as const;
const WEST = { service: "speech", region: "westus" } as const;

let copies: LosableCopies;
let store: InMemoryCooldownStore;
let leasing: Leasing;
let key: Key;
let ids: number;
beforeEach(async () => {
  ids = 0;
  copies = openLosableCopies();
  store = copies.cooldowns;
  const { clock, copies: all, catchingUp, filling, turns } = copies;
  leasing = new Leasing({ clock, copies: all, store: all.leases as LeaseStore, catchingUp, filling, turns });
  key = await copies.add({ maxInFlight: 1 });
  copies.known.markLoaded();
});

const ask = (pool: { readonly service: "speech"; readonly region: string } = EAST, onTaken = () => {}) =>
  leasing.lease(pool, "round_robin", { id: `lease-${++ids}`, ttlMs: TTL_MS }, onTaken);
const leased = async (): Promise<Lease> => {
  const answer = await ask();
  if (answer.status !== "leased") throw new Error(answer.status);
  return answer.lease;
};
const countOf = async (...keys: readonly Key[]) => leasing.count(keys);
const moveElsewhere = async () => {
  const moved = await copies.ports.keys.describe(key.id, { region: "westus" }, null);
  await store.put([{ member: memberOf(moved as Key), standing: key.standing }]);
  return moved as Key;
};

describe("leasing", () => {
  it("gives a key until it is at its limit, and says when the first lease ends", async () => {
    expect(await ask()).toMatchObject({ status: "leased", key: { id: key.id }, lease: { keyId: key.id } });
    expect(await ask()).toMatchObject({ status: "all-busy", until: copies.clock.now() + TTL_MS });
  });

  it("tells what it gives before it answers, and nothing where it gives nothing", async () => {
    const told: unknown[] = [];
    const lease = (): Promise<KeyLease> =>
      leasing.lease(EAST, "round_robin", { id: `lease-${++ids}`, ttlMs: TTL_MS }, (id, at, pool) =>
        told.push([id, at, pool]),
      );
    await lease();
    await lease();
    expect(told).toEqual([[key.id, copies.clock.now(), EAST]]);
  });

  it("returns what may not be given after all", async () => {
    const refuse = () => {
      throw new Error("refused");
    };
    await expect(ask(EAST, refuse)).rejects.toThrow("refused");
    expect(await countOf(key)).toEqual([0]);
    expect((await ask()).status).toBe("leased");
  });

  it("gives no key that is known to be disabled, whatever the store says, and no lease of it stays", async () => {
    copies.known.confirm(key.id, disable(key.standing, copies.clock.now()));
    expect(await ask()).toEqual({ status: "no-key", poolSize: 1 });
    expect(await countOf(key)).toEqual([0]);
  });

  it("lets no lease stay of a key that another instance has moved or removed", async () => {
    copies.known.set((await copies.ports.keys.describe(key.id, { region: "westus" }, null)) as Key);
    expect((await ask()).status).toBe("no-key");
    expect(await countOf(key)).toEqual([0]);
    const other = await copies.add({ secret: "another" });
    await copies.ports.keys.remove(other.id, keyLogDraft(other, "delete_key", { at: copies.clock.now() }));
    copies.known.remove(other.id);
    expect((await ask()).status).toBe("no-key");
    expect(await countOf(other)).toEqual([0]);
  });

  it("fills a pool that the store does not know", async () => {
    copies.lose();
    expect((await ask()).status).toBe("leased");
  });

  it("takes a region in capitals for what it is, an unknown one has no key, and no region is refused", async () => {
    expect((await ask({ ...EAST, region: "EastAsia" })).status).toBe("leased");
    expect(await ask({ ...EAST, region: "nowhere" })).toEqual({ status: "no-key", poolSize: 0 });
    await expect(ask({ ...EAST, region: "no region" })).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("gives nothing of a lost list before what was given counts in it again", async () => {
    await leased();
    copies.lose();
    expect((await ask()).status).toBe("all-busy");
  });
});

describe("renewing", () => {
  it("lets a lease last from now on, also in a list that was lost", async () => {
    const lease = await leased();
    copies.clock.advance(1_000);
    copies.lose();
    expect(await leasing.renew(lease, TTL_MS)).toMatchObject({ until: copies.clock.now() + TTL_MS });
    expect(await countOf(key)).toEqual([1]);
  });

  it("holds also in a list that is lost later", async () => {
    const lease = await leased();
    copies.clock.advance(1_000);
    await leasing.renew(lease, TTL_MS);
    copies.lose();
    copies.clock.advance(TTL_MS - 1);
    await leasing.lookAfter();
    expect(await countOf(key)).toEqual([1]);
  });

  it("answers nothing for what has run out, was returned, or is of no key", async () => {
    const lease = await leased();
    copies.clock.advance(TTL_MS);
    expect(await leasing.renew(lease, TTL_MS)).toBeUndefined();
    const other = await leased();
    await leasing.release(other);
    expect(await leasing.renew(other, TTL_MS)).toBeUndefined();
    expect(await leasing.renew({ ...other, keyId: 99 }, TTL_MS)).toBeUndefined();
  });

  it("finds the lease of a key that another instance has moved, and its lease with it", async () => {
    const lease = await leased();
    await moveElsewhere();
    await store.restore(WEST, [lease]);
    await store.carryOff(memberOf(key), lease.id);
    expect(await leasing.renew(lease, TTL_MS)).toMatchObject({ id: lease.id });
  });
});

describe("releasing", () => {
  it("makes room, says whose lease it was and whether somebody may have waited, and does so once", async () => {
    const lease = await leased();
    expect(await leasing.release(lease)).toMatchObject({ key: { id: key.id }, hadNoRoom: true });
    expect(await leasing.release(lease)).toBeUndefined();
    expect((await ask()).status).toBe("leased");
  });

  it.each([
    ["loaded", true],
    ["not loaded", false],
  ])("finds a lease whose key is being moved to a pool that is %s", async (_, isLoaded) => {
    const lease = await leased();
    if (isLoaded) await store.load(WEST, async function* () {});
    copies.store.hold("put");
    const moving = copies.places.describe(key.id, { region: "westus" }, null);
    await until(() => copies.store.held === 1);
    const returning = leasing.release(lease);
    await until(() => copies.pauses.length > 0);
    copies.store.release();
    expect(await returning).toMatchObject({ key: { region: "westus" }, hadNoRoom: true });
    expect(await countOf(key, await moving)).toEqual([0, 0]);
  });

  it("finds a lease whose key has been away and is back while it was asked for", async () => {
    const lease = await leased();
    const moved = await moveElsewhere();
    await store.drop(leftFor(key, moved.placement));
    await store.release(memberOf(key), lease.id);
    copies.repository.hold("get");
    const returning = leasing.release(lease);
    await until(() => copies.repository.held === 1);
    const back = (await copies.ports.keys.describe(key.id, { region: "eastasia" }, null)) as Key;
    await store.put([{ member: memberOf(back), standing: key.standing, leases: [lease] }]);
    copies.repository.release();
    expect(await returning).toMatchObject({ key: { placement: back.placement } });
    expect(await countOf(key)).toEqual([0]);
  });

  it("ends the lease for good: it does not come back with a lost list", async () => {
    await leasing.release(await leased());
    copies.lose();
    await leasing.lookAfter();
    expect((await ask()).status).toBe("leased");
  });

  it("can be undone, for so long from now on", async () => {
    const lease = await leased();
    await leasing.release(lease);
    await leasing.putBack(lease, EAST, 1_000);
    expect(await ask()).toMatchObject({ status: "all-busy", until: copies.clock.now() + 1_000 });
    expect(await leasing.release(lease)).toBeDefined();
  });
});

it("looks after lists that were lost", async () => {
  await leased();
  copies.lose();
  await leasing.lookAfter();
  expect(await countOf(key)).toEqual([1]);
});

it("counts the leases of keys of several pools, in their order", async () => {
  const [west, free] = [
    await copies.add({ ...WEST, secret: "secret-0002" }),
    await copies.add({ secret: "secret-0003", maxInFlight: 1 }),
  ];
  await leased();
  for (let i = 0; i < 2; i++) await ask(WEST);
  expect(await countOf(free, west, key)).toEqual([0, 2, 1]);
});

it("counts by place what it has given, while it runs and its key is known", async () => {
  await copies.add({ secret: "secret-0002", maxInFlight: 1 });
  const west = await copies.add({ ...WEST, secret: "secret-0003" });
  for (const pool of [EAST, EAST, WEST]) await ask(pool);
  expect(leasing.countPlaces()).toEqual([
    { ...EAST, count: 2 },
    { ...WEST, count: 1 },
  ]);
  copies.known.remove(west.id);
  expect(leasing.countPlaces()).toEqual([{ ...EAST, count: 2 }]);
  copies.clock.advance(TTL_MS);
  expect(leasing.countPlaces()).toEqual([]);
});
