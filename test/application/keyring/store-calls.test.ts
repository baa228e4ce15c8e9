import { beforeEach, describe, expect, it } from "vitest";
import { createInMemoryPorts, ManualClock, WebChance } from "../../../src/adapters/in-memory/index.ts";
import { type Key, leaseName } from "../../../src/domain/index.ts";
import type { LeasingStore } from "../../../src/testing/lease-store.ts";
import { addKeys, handOut, openWorld, report, type World } from "../../../src/testing/pool.ts";

let calls: string[];
let world: World;
let key: Key;
beforeEach(async () => {
  calls = [];
  const clock = new ManualClock();
  const ports = createInMemoryPorts(clock);
  // One store, seen from both of its sides.
  const store = new Proxy(ports.cooldowns as LeasingStore, {
    get: (target, name) => {
      const method = Reflect.get(target, name);
      return (...given: unknown[]) => {
        calls.push(String(name));
        return method.apply(target, given);
      };
    },
  });
  world = await openWorld(clock, {
    ...ports,
    cooldowns: store,
    leases: { store, chance: new WebChance() },
  });
  [key] = (await addKeys(world.pool, 1)) as [Key];
  await handOut(world.pool);
  calls.length = 0;
});

/** Each of them is a round trip where the store is shared. */
it.each<[string, number, () => Promise<unknown>]>([
  ["a hand-out", 1, () => handOut(world.pool)],
  ["a report that changes nothing", 1, () => report(world.pool, key, 200)],
  ["a report of 429", 3, () => report(world.pool, key, 429)],
  ["a report of 401", 3, () => report(world.pool, key, 401)],
  ["adding", 1, () => addKeys(world.pool, 1, "westus")],
  ["renaming", 0, () => world.pool.updateKey.execute("speech", key.secret, { name: "newer" })],
  ["tagging", 2, () => world.pool.updateKey.execute("speech", key.secret, { tag: "red" })],
  ["limiting", 1, () => world.pool.updateKey.execute("speech", key.secret, { maxInFlight: 5 })],
  ["moving", 3, () => world.pool.updateKey.execute("speech", key.secret, { region: "westus" })],
  ["disabling", 3, () => world.pool.disableKey.execute("speech", key.secret)],
  ["deleting", 2, () => world.pool.deleteKey.execute("speech", key.secret)],
])("%s takes at most %i calls to the store", async (_, most, act) => {
  await act();
  expect(calls.length, calls.join(", ")).toBeLessThanOrEqual(most);
});

it("enabling takes at most 2 calls to the store", async () => {
  await world.pool.disableKey.execute("speech", key.secret);
  calls.length = 0;
  await world.pool.enableKey.execute("speech", key.secret);
  expect(calls.length, calls.join(", ")).toBeLessThanOrEqual(2);
});

describe("a lease", () => {
  const pool = { service: "speech", region: "eastasia" } as const;
  const lease = async () => {
    const answer = await world.pool.leases?.lease.execute({ pool });
    if (answer?.status !== "leased") throw new Error(answer?.status);
    return leaseName(answer.lease);
  };
  const release = (lease: string, code?: number) =>
    world.pool.leases?.release.execute({ lease, ...(code && { code }) });

  it.each<[string, number, (name: string) => Promise<unknown> | undefined]>([
    ["given", 1, () => lease()],
    ["renewed", 1, (name) => world.pool.leases?.renew.execute({ lease: name })],
    ["released", 1, (name) => release(name)],
    ["released with a report that changes nothing", 2, (name) => release(name, 200)],
    ["released with a report of 429", 4, (name) => release(name, 429)],
    ["released with a report of 401", 4, (name) => release(name, 401)],
  ])("that is %s takes at most %i calls to the store", async (_, most, act) => {
    const name = await lease();
    calls.length = 0;
    await act(name);
    expect(calls.length, calls.join(", ")).toBeLessThanOrEqual(most);
    expect(calls.length, "nothing is counted").toBeGreaterThan(0);
  });
});
