import { beforeEach, describe, expect, it } from "vitest";
import { FallbackCooldownStore } from "../../../src/adapters/fallback/index.ts";
import {
  createInMemoryPorts,
  InMemoryCooldownStore,
  InMemoryDatabase,
  InMemoryNews,
  ManualClock,
  WebChance,
} from "../../../src/adapters/in-memory/index.ts";
import { createKeyPool } from "../../../src/application/index.ts";
import { type Key, type Lease, leaseName } from "../../../src/domain/index.ts";
import type { LeasingStore } from "../../../src/testing/lease-store.ts";
import { JOBS_BY_HAND, secretOf } from "../../../src/testing/pool.ts";

const EAST = { service: "speech", region: "eastasia" } as const;
const WEST = { service: "speech", region: "westus" } as const;
const ttlSeconds = 3_600;

/** Instances on one database and one store, which each of them may lose sight of. */
function openShared() {
  const clock = new ManualClock();
  const [database, news] = [new InMemoryDatabase(), new InMemoryNews()];
  let backend = new InMemoryCooldownStore(clock);
  const join = async () => {
    let isApart = false;
    const shared = new Proxy<LeasingStore>(backend, {
      get: (_, name) => {
        if (isApart) return () => Promise.reject(new Error("out of sight"));
        return Reflect.get(backend, name).bind(backend);
      },
    });
    const store = new FallbackCooldownStore(shared, new InMemoryCooldownStore(clock));
    const pool = createKeyPool({
      ...createInMemoryPorts(clock, database),
      ...{ cooldowns: store, leases: { store, chance: new WebChance() }, news, scheduler: JOBS_BY_HAND },
    });
    await pool.start();
    const { leases } = pool;
    if (!leases) throw new Error("Nothing is leased");
    const lookAfter = () => pool.jobs.run("look after leases");
    const asked = (from = EAST as typeof EAST | typeof WEST) =>
      leases.lease.execute({ pool: from, ttlSeconds });
    return {
      pool,
      lookAfter,
      lease: async (): Promise<Lease> => {
        const answer = await asked();
        if (answer.status !== "leased") throw new Error(answer.status);
        return answer.lease;
      },
      status: async (from?: typeof EAST | typeof WEST) => (await asked(from)).status,
      release: (lease: Lease) => leases.release.execute({ lease: leaseName(lease) }),
      inUse: async (key: Key) => (await leases.count([key]))[0],
      part: async () => {
        isApart = true;
        await store.listOf(EAST);
        await lookAfter();
      },
      rejoin: async () => {
        isApart = false;
        await store.recover();
        await lookAfter();
      },
    };
  };
  const lose = () => {
    backend = new InMemoryCooldownStore(clock);
  };
  return { clock, join, lose };
}

type Instance = Awaited<ReturnType<ReturnType<typeof openShared>["join"]>>;

let giver: Instance;
let other: Instance;
let key: Key;
let clock: ManualClock;
let lose: () => void;
beforeEach(async () => {
  const opened = openShared();
  ({ clock, lose } = opened);
  giver = await opened.join();
  other = await opened.join();
  const draft = { ...EAST, secret: secretOf(1), maxInFlight: 2 };
  key = await giver.pool.addKey.execute(draft);
  // Who does not know of it asks the database.
  await other.pool.jobs.run("reconcile with the database");
});

describe("a lease that was returned at another instance", () => {
  let kept: Lease;
  beforeEach(async () => {
    kept = await giver.lease();
    await other.release(await giver.lease());
  });

  it("does not come back when its giver lost sight of the shared store, and others do", async () => {
    await giver.part();
    await giver.rejoin();
    expect(await giver.inUse(key)).toBe(1);
    expect([await other.status(), await other.status()]).toEqual(["leased", "all-busy"]);
  });

  it("does not come back when another instance moves its key, and others do", async () => {
    await other.pool.updateKey.execute("speech", String(key.id), { region: "westus" });
    await giver.pool.jobs.run("reconcile with the database");
    await giver.lookAfter();
    const moved = { ...key, region: "westus" };
    expect(await giver.inUse(moved)).toBe(1);
    expect([await other.status(WEST), await other.status(WEST)]).toEqual(["leased", "all-busy"]);
  });

  it("is forgotten by its giver when it looks after leases, and does not come back with a lost list", async () => {
    await giver.lookAfter();
    expect(giver.pool.measure().leases).toEqual([{ ...EAST, count: 1 }]);
    lose();
    await giver.lookAfter();
    expect(await giver.inUse(key)).toBe(1);
    expect(await giver.release(kept)).toBeDefined();
    expect(await giver.inUse(key)).toBe(0);
  });
});

it("a lease that was returned in one store counts in neither, whichever is lost sight of next", async () => {
  const leases = [await giver.lease(), await giver.lease()] as const;
  await giver.part();
  expect(await giver.status()).toBe("all-busy");
  await giver.rejoin();
  await giver.release(leases[0]);
  await other.release(leases[1]);
  await giver.lookAfter();
  await giver.part();
  expect([await giver.inUse(key), await giver.status(), await giver.status()]).toEqual([
    0,
    "leased",
    "leased",
  ]);
});

it("a lease that was returned out of sight of the shared store is ended there, also where nobody leases", async () => {
  const lease = await giver.lease();
  await giver.part();
  await giver.release(lease);
  expect(await other.inUse(key)).toBe(1);
  await giver.rejoin();
  expect(await other.inUse(key)).toBe(0);
});

it("a lease that was renewed out of sight of the shared store lasts as long there", async () => {
  const lease = await giver.lease();
  await giver.part();
  clock.advance(1_000);
  await giver.pool.leases?.renew.execute({ lease: leaseName(lease), ttlSeconds });
  await giver.rejoin();
  clock.advance(lease.until - clock.now());
  expect(await other.inUse(key)).toBe(1);
});
