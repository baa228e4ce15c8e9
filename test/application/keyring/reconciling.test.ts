import { beforeEach, describe, expect, it } from "vitest";
import { memberOf } from "../../../src/application/keyring/copies.ts";
import { disable, enable, type Key, type KeyRepository, type Standing } from "../../../src/domain/index.ts";
import { cooling } from "../../../src/testing/storage.ts";
import { type OpenCopies, openCopies } from "../../situations/copies.ts";

/** Each unrestricted key is looked after in one of so many runs. */
const A_ROUND = 12;

let copies: OpenCopies;
let key: Key;
beforeEach(async () => {
  copies = openCopies();
  key = await copies.add();
});

const run = async (times = 1) => {
  for (let i = 0; i < times; i++) await copies.reconciling.run();
};
const inStore = async (of = key) => {
  const held = await copies.ports.cooldowns.read(memberOf(of));
  return held.status === "held" && !held.hasLeft ? held.standing.status : "missing";
};
const settleElsewhere = (standing: Standing) => copies.ports.keys.settle(key.id, standing, null);
const disabledNow = () => disable(key.standing, copies.clock.now());
/** The store has lost the key and got it again as it was in the beginning. */
const setBack = async () => {
  await copies.ports.cooldowns.drop(memberOf(key));
  await copies.ports.cooldowns.put([{ member: memberOf(key), standing: key.standing }]);
};

describe("a run, without any news", () => {
  it("takes in what another instance has added, changed and removed", async () => {
    const added = await copies.addElsewhere({ secret: "added-elsewhere" });
    await run();
    expect(copies.known.get(added.id)).toEqual(added);
    await copies.ports.keys.describe(key.id, { name: "newer" }, null);
    await copies.ports.keys.remove(added.id, null);
    await run();
    expect([copies.known.get(key.id)?.name, copies.known.get(added.id)]).toEqual(["newer", undefined]);
  });

  it("brings a restriction that is durable into the store", async () => {
    await settleElsewhere(disabledNow());
    await run();
    expect(await inStore()).toBe("disabled");
  });

  it("forgets no key whose row it has only not seen", async () => {
    Object.assign(copies.ports.keys, { load: async function* () {} } satisfies Partial<KeyRepository>);
    await run();
    expect(copies.known.get(key.id)).toBe(key);
  });

  it("is refused where the database is away, and the next one goes on", async () => {
    await settleElsewhere(disabledNow());
    copies.repository.break("load");
    await expect(run()).rejects.toMatchObject({ code: "storage_unavailable" });
    copies.repository.mend();
    await run();
    expect(await inStore()).toBe("disabled");
  });
});

describe("a key that this process is changing", () => {
  it.each<[string, string, () => unknown]>([
    ["waits in its queue", "enabled", () => {}],
    ["is in no queue", "missing", () => copies.ports.cooldowns.drop(memberOf(key))],
  ])("is left alone while it %s, until that is done", async (_, there, unseat) => {
    await settleElsewhere(disabledNow());
    await unseat();
    const gate = Promise.withResolvers<void>();
    const writing = copies.copies.writes.write(key.id, () => gate.promise);
    await run(A_ROUND + 1);
    expect([copies.known.get(key.id), await inStore()]).toEqual([key, there]);
    gate.resolve();
    await writing;
    await run(2);
    expect([copies.known.get(key.id)?.standing.status, await inStore()]).toEqual(["disabled", "disabled"]);
  });
});

describe("a store that is behind", () => {
  it.each([
    ["disabled", () => disabledNow()],
    ["resting", () => cooling(copies.clock.now() + 60_000)],
  ])("is told in every run of a key that is %s", async (_, restricted) => {
    await settleElsewhere(restricted());
    await run();
    for (let i = 0; i < 3; i++) {
      await setBack();
      await run();
      const held = await copies.ports.cooldowns.read(memberOf(key));
      expect(held).toMatchObject({ standing: restricted() });
    }
  });

  it("is told of an unrestricted key once in a round", async () => {
    await settleElsewhere(enable(disabledNow(), copies.clock.now()));
    await run();
    const generations: (number | undefined)[] = [];
    for (let i = 0; i < A_ROUND; i++) {
      await setBack();
      await run();
      const held = await copies.ports.cooldowns.read(memberOf(key));
      generations.push(held.status === "held" ? held.standing.generation : undefined);
    }
    expect(generations.filter((generation) => generation === 1)).toHaveLength(1);
  });
});

describe("a key that is in no queue", () => {
  it.each<[string, () => unknown]>([
    ["is missing", () => copies.ports.cooldowns.drop(memberOf(key))],
    ["has left", () => copies.ports.cooldowns.leave(memberOf(key))],
  ])("is seated where it %s in its turn and in the run after that", async (_, unseat) => {
    await run(A_ROUND);
    await unseat();
    // The first key has its turn in the second run of a round.
    for (let i = 0; i < 2; i++) {
      await run();
      expect(await inStore()).toBe("missing");
    }
    await run();
    expect([await inStore(), copies.calls.filter((name) => name === "put")]).toEqual(["enabled", ["put"]]);
  });

  it("stays where it is if it comes back before the second run", async () => {
    await settleElsewhere(disabledNow());
    await run();
    await copies.ports.cooldowns.drop(memberOf(key));
    await run();
    await setBack();
    copies.calls.length = 0;
    await run();
    expect(copies.calls).not.toContain("put");
  });

  it("stays away if this process has forgotten or is changing it by then", async () => {
    await settleElsewhere(disabledNow());
    await run();
    await copies.ports.cooldowns.drop(memberOf(key));
    await run();
    await copies.ports.keys.remove(key.id, null);
    await run();
    expect([await inStore(), copies.known.get(key.id)]).toEqual(["missing", undefined]);
  });
});

it("a permission that only the store knows is taken back, and told", async () => {
  await settleElsewhere(disabledNow());
  await run();
  const forged: Standing = { ...key.standing, generation: 99 };
  await copies.ports.cooldowns.replace(memberOf(key), disabledNow(), forged);
  await run();
  expect([await inStore(), copies.corrected]).toEqual(["disabled", [key.id]]);
});
