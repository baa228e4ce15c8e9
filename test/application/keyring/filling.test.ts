import { expect, it } from "vitest";
import { disable, NEW_STANDING } from "../../../src/domain/index.ts";
import { openCopies } from "../../situations/copies.ts";

const POOL = { service: "speech", region: "eastasia" } as const;

it("brings every pool into this process and the store", async () => {
  const copies = openCopies();
  const near = await copies.addElsewhere({ secret: "near-secret" });
  const far = await copies.addElsewhere({ secret: "far-secret", region: "westus" });
  expect(await copies.filling.fillAll()).toBe(2);
  expect(copies.known.isLoaded).toBe(true);
  expect(await copies.ports.cooldowns.take(POOL, "sticky")).toMatchObject({ id: near.id });
  expect(await copies.ports.cooldowns.take({ ...POOL, region: "westus" }, "sticky")).toMatchObject({
    id: far.id,
  });
});

it("is done once for all who ask for the same pool meanwhile, and again afterwards", async () => {
  const copies = openCopies();
  await copies.addElsewhere();
  await Promise.all([copies.filling.fill(POOL), copies.filling.fill(POOL)]);
  expect(copies.calls).toEqual(["load"]);
  await copies.filling.fill(POOL);
  expect(copies.calls).toEqual(["load", "load"]);
});

it("fails for all who asked, and can be tried again", async () => {
  const copies = openCopies();
  await copies.addElsewhere();
  copies.store.break("load");
  const tries = await Promise.allSettled([copies.filling.fill(POOL), copies.filling.fill(POOL)]);
  expect(tries.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  copies.store.mend();
  await copies.filling.fill(POOL);
  expect((await copies.ports.cooldowns.take(POOL, "sticky")).status).toBe("taken");
});

it("takes from each copy what it knows best", async () => {
  const copies = openCopies();
  const [renamed, dead, moved, removed] = await Promise.all(
    ["renamed", "dead", "moved", "removed"].map((name) =>
      copies.addElsewhere({ secret: `secret-${name}`, name }),
    ),
  );
  if (!renamed || !dead || !moved || !removed) throw new Error("four keys were added");
  copies.known.set({ ...renamed, name: "newer" });
  copies.known.set({ ...moved, region: "westus" });
  copies.known.set(removed);
  copies.known.remove(removed.id);
  copies.known.set(dead);
  await copies.ports.keys.settle(dead.id, disable(NEW_STANDING, 1), null);
  await copies.filling.fill(POOL);
  expect(copies.known.get(renamed.id)?.name).toBe("newer");
  expect(copies.known.get(dead.id)?.standing.status).toBe("disabled");
  const turns = await Promise.all([1, 2].map(() => copies.ports.cooldowns.take(POOL, "round_robin")));
  expect(turns).toMatchObject([{ id: renamed.id }, { id: renamed.id }]);
});

it("reads the database once for all pools, and each pool gets its keys in the order of their turns", async () => {
  const copies = openCopies();
  const regions = ["eastasia", "westus", "northeurope"];
  for (let n = 0; n < 30; n++) {
    await copies.addElsewhere({ secret: `secret-${n}`, region: regions[n % 3] as string });
  }
  copies.repository.break("loadPool");
  expect(await copies.filling.fillAll()).toBe(30);
  for (const [index, region] of regions.entries()) {
    const ids: number[] = [];
    for (let n = 0; n < 10; n++) {
      const turn = await copies.ports.cooldowns.take({ service: "speech", region }, "round_robin");
      if (turn.status === "taken") ids.push(turn.id);
    }
    expect(ids).toEqual(Array.from({ length: 10 }, (_, n) => 1 + index + 3 * n));
  }
});

it("leaves pools unknown when the reading breaks off, or the store fails for one of them", async () => {
  const copies = openCopies();
  await copies.addElsewhere();
  copies.repository.break("load");
  await expect(copies.filling.fillAll()).rejects.toThrow();
  expect((await copies.ports.cooldowns.take(POOL, "sticky")).status).toBe("unloaded");
  copies.repository.mend();
  copies.store.break("load");
  await expect(copies.filling.fillAll()).rejects.toMatchObject({ code: "storage_unavailable" });
  copies.store.mend();
  expect(await copies.filling.fillAll()).toBe(1);
});
