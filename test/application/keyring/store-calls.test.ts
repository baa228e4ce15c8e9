import { beforeEach, expect, it } from "vitest";
import { createInMemoryPorts, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import type { CooldownStore, Key } from "../../../src/domain/index.ts";
import { addKeys, handOut, openWorld, report, type World } from "../../../src/testing/pool.ts";

let calls: string[];
let world: World;
let key: Key;
beforeEach(async () => {
  calls = [];
  const clock = new ManualClock();
  const ports = createInMemoryPorts(clock);
  const cooldowns = new Proxy<CooldownStore>(ports.cooldowns, {
    get: (target, name) => {
      const method = Reflect.get(target, name);
      return (...given: unknown[]) => {
        calls.push(String(name));
        return method.apply(target, given);
      };
    },
  });
  world = await openWorld(clock, { ...ports, cooldowns });
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
])("%s takes at most %i calls to the cooldown store", async (_, most, act) => {
  await act();
  expect(calls.length, calls.join(", ")).toBeLessThanOrEqual(most);
});

it("enabling takes at most 2 calls to the cooldown store", async () => {
  await world.pool.disableKey.execute("speech", key.secret);
  calls.length = 0;
  await world.pool.enableKey.execute("speech", key.secret);
  expect(calls.length, calls.join(", ")).toBeLessThanOrEqual(2);
});
