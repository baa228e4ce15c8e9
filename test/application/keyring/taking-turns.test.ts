import { beforeEach, describe, expect, it } from "vitest";
import { memberOf } from "../../../src/application/keyring/copies.ts";
import { TakingTurns } from "../../../src/application/keyring/taking-turns.ts";
import { disable, enable, type Key, NEW_STANDING, type Standing } from "../../../src/domain/index.ts";
import { type OpenCopies, openCopies } from "../../situations/copies.ts";

const POOL = { service: "speech", region: "eastasia" } as const;

let copies: OpenCopies;
let turns: TakingTurns;
let key: Key;
let used: number[];
beforeEach(async () => {
  copies = openCopies();
  turns = new TakingTurns(copies);
  key = await copies.add();
  copies.known.markLoaded();
  used = [];
});

const take = (pool: { service: "speech"; region: string; tag?: string } = POOL) =>
  turns.take(pool, "sticky", (id) => used.push(id));

it("counts what it hands out, and nothing else", async () => {
  expect(await take()).toMatchObject({ status: "handed-out", key });
  expect(await take({ ...POOL, tag: "none" })).toEqual({ status: "no-key", poolSize: 1 });
  expect(used).toEqual([key.id]);
});

it("tells a pool without keys from one whose keys are all disabled", async () => {
  expect(await take({ ...POOL, region: "westus" })).toEqual({ status: "no-key", poolSize: 0 });
  await copies.standings.change(
    key.id,
    (s, at) => ({ standing: disable(s, at) }),
    () => null,
  );
  expect(await take()).toEqual({ status: "no-key", poolSize: 1 });
});

it("says until when all keys are away, and why", async () => {
  const until = copies.clock.now() + 5;
  const away = { ...NEW_STANDING, cooldownUntil: until, protectedUntil: until };
  await copies.standings.change(
    key.id,
    () => ({ standing: away }),
    () => null,
  );
  expect(await take()).toMatchObject({ status: "all-away", until, reason: "cooldown" });
});

it("fills a pool that the store does not know", async () => {
  const far = await copies.addElsewhere({ secret: "far-secret", region: "westus" });
  copies.known.set(far);
  expect(await take({ ...POOL, region: "westus" })).toMatchObject({ status: "handed-out", key: far });
});

describe("while the database is away", () => {
  it.each(["round_robin", "sticky"] as const)(
    "keys that this process knows are handed out (%s)",
    async (rotation) => {
      const strange = await copies.addElsewhere({ secret: "strange-secret" });
      await copies.ports.cooldowns.put([{ member: memberOf(strange), standing: NEW_STANDING }]);
      copies.repository.break("get");
      const ids = [];
      for (let i = 0; i < 4; i++) {
        const turn = await turns.take(POOL, rotation, () => {});
        ids.push(turn.status === "handed-out" ? turn.key.id : turn.status);
      }
      expect(ids).toEqual([key.id, key.id, key.id, key.id]);
    },
  );

  it("it is refused where the only key is one that has to be looked up", async () => {
    await copies.ports.cooldowns.leave(memberOf(key));
    const strange = await copies.addElsewhere({ secret: "strange-secret" });
    await copies.ports.cooldowns.put([{ member: memberOf(strange), standing: NEW_STANDING }]);
    copies.repository.break("get");
    await expect(take()).rejects.toMatchObject({ code: "storage_unavailable" });
    copies.repository.mend();
    expect(await take()).toMatchObject({ status: "handed-out", key: strange });
  });
});

describe("a store that offers what may not be handed out", () => {
  const offer = async (standing: Standing) => {
    await copies.ports.cooldowns.drop(memberOf(key));
    await copies.ports.cooldowns.put([{ member: memberOf(key), standing }]);
  };
  const setDurable = async (standing: Standing) => {
    await copies.ports.keys.settle(key.id, standing, null);
    copies.known.confirm(key.id, standing);
  };

  it("a disabled key: the durable standing is put back", async () => {
    await setDurable(disable(NEW_STANDING, 1));
    await offer(NEW_STANDING);
    expect((await take()).status).toBe("no-key");
  });

  it("a disabled key with a forged generation: the same", async () => {
    await setDurable(disable(NEW_STANDING, 1));
    await offer({ ...NEW_STANDING, generation: 99 });
    expect((await take()).status).toBe("no-key");
    expect(copies.corrected).toEqual([key.id]);
    expect(await copies.ports.cooldowns.read(memberOf(key))).toMatchObject({
      standing: { status: "disabled", generation: 0 },
    });
  });

  it("a key that another instance has enabled: it is handed out, for the database says so too", async () => {
    const disabled = disable(NEW_STANDING, 1);
    await setDurable(disabled);
    const enabled = enable(disabled, 2);
    await copies.ports.keys.settle(key.id, enabled, null);
    await offer(enabled);
    expect(await take()).toMatchObject({ status: "handed-out", key: { standing: enabled } });
  });

  it("a key that rests, because the store's clock was set back: it is lined up anew", async () => {
    const until = copies.clock.now() + 1_000;
    const away: Standing = { ...NEW_STANDING, cooldownUntil: until, protectedUntil: until };
    await setDurable(away);
    await offer(away);
    const { cooldowns } = copies.ports;
    const { take: askAnew, replace } = cooldowns;
    let offers = 0;
    cooldowns.take = async () => {
      if (++offers > 3) throw new Error("It is offered again and again");
      return { status: "taken", id: key.id, at: copies.clock.now() };
    };
    cooldowns.replace = (...given) => {
      Object.assign(cooldowns, { take: askAnew, replace });
      return cooldowns.replace(...given);
    };
    expect(await take()).toMatchObject({ status: "all-away", until });
    expect(offers).toBe(1);
  });

  it("a key that nobody has stored: it is taken out of the queue", async () => {
    await copies.ports.cooldowns.put([
      { member: { id: 4711, ...POOL, tag: null, maxInFlight: null, placement: 0 }, standing: NEW_STANDING },
    ]);
    await copies.ports.cooldowns.leave(memberOf(key));
    expect((await take()).status).toBe("no-key");
  });

  it("a key that was moved: it is left in its new pool only", async () => {
    const moved = await copies.ports.keys.describe(key.id, { region: "westus" }, null);
    copies.known.set(moved as Key);
    expect((await take()).status).toBe("no-key");
    expect(await take({ ...POOL, region: "westus" })).toMatchObject({ key: { id: key.id } });
  });
});
