import { beforeEach, describe, expect, it } from "vitest";
import { memberOf } from "../../../src/application/keyring/copies.ts";
import {
  DEFAULT_SETTINGS,
  disable,
  enable,
  judge,
  type Key,
  type KeyLogDraft,
  keyLogDraft,
  type Standing,
} from "../../../src/domain/index.ts";
import { until } from "../../../src/testing/until.ts";
import { type OpenCopies, openCopies } from "../../situations/copies.ts";

let copies: OpenCopies;
let key: Key;
beforeEach(async () => {
  copies = openCopies();
  key = await copies.add();
});

const entry = ({ key, at }: { readonly key: Key; readonly at: number }): KeyLogDraft =>
  keyLogDraft(key, "disable_key", { at });
const entryAt = (at: number): KeyLogDraft => keyLogDraft(key, "enable_key", { at });
const toDisabled = (standing: Standing, at: number) => ({ standing: disable(standing, at) });
const toEnabled = (standing: Standing, at: number) => ({ standing: enable(standing, at) });
const reported = (code: number) => (standing: Standing, at: number) =>
  judge(standing, code, DEFAULT_SETTINGS, at);
const held = async () => {
  const answer = await copies.ports.cooldowns.read(memberOf(key));
  return answer.status === "held" ? answer.standing : undefined;
};
const durable = async () => (await copies.ports.keys.get(key.id))?.standing;

describe("a change of a standing", () => {
  it("that restricts is in the store before it is written", async () => {
    copies.repository.hold("settle");
    const changing = copies.standings.change(key.id, toDisabled, entry);
    await until(() => copies.repository.held === 1);
    expect([(await held())?.status, (await durable())?.status]).toEqual(["disabled", "enabled"]);
    copies.repository.release();
    await changing;
    expect((await durable())?.status).toBe("disabled");
    expect(copies.known.get(key.id)?.standing.status).toBe("disabled");
  });

  it("that permits is written before it is in the store", async () => {
    await copies.standings.change(key.id, toDisabled, entry);
    copies.store.hold("follow");
    const changing = copies.standings.change(key.id, toEnabled, entry);
    await until(() => copies.store.held === 1);
    expect([(await held())?.status, (await durable())?.status]).toEqual(["disabled", "enabled"]);
    copies.store.release();
    await changing;
    expect((await held())?.status).toBe("enabled");
  });

  it("asks the rule once, and again when another change came first", async () => {
    let asked = 0;
    const counting = (standing: Standing, at: number) => {
      asked++;
      return judge(standing, 429, DEFAULT_SETTINGS, at);
    };
    await copies.standings.restrict(key.id, counting, entry);
    expect(asked).toBe(1);
    copies.clock.advance(400_000);
    asked = 0;
    copies.store.hold("replace");
    const changing = copies.standings.restrict(key.id, counting, entry);
    await until(() => copies.store.held === 1);
    const now = (await held()) as Standing;
    await copies.ports.cooldowns.replace(memberOf(key), now, disable(now, copies.clock.now()));
    copies.store.release();
    expect((await changing).decision).toMatchObject({ action: "skip", reason: "disabled" });
    expect(asked).toBe(2);
  });

  it("that may permit asks the rule once, in the key's turn: none is built on a standing that is being replaced", async () => {
    await copies.standings.change(key.id, toDisabled, entry);
    copies.repository.hold("settle");
    let asked = 0;
    const enabling = copies.standings.change(
      key.id,
      (standing, at) => {
        asked++;
        return toEnabled(standing, at);
      },
      entry,
    );
    await until(() => copies.repository.held === 1);
    const disabling = copies.standings.change(key.id, toDisabled, entry);
    copies.repository.release();
    await Promise.all([enabling, disabling]);
    expect(asked).toBe(1);
    expect(await durable()).toMatchObject({ status: "disabled", generation: 1 });
  });

  it("that is refused by the storage rejects, and stays in force if it restricts", async () => {
    copies.repository.break("settle");
    const refused = { code: "storage_unavailable" };
    await expect(copies.standings.restrict(key.id, reported(401), entry)).rejects.toMatchObject(refused);
    expect((await held())?.status).toBe("disabled");
    copies.repository.mend();
    await copies.copies.writes.flushAll();
    expect((await durable())?.status).toBe("disabled");
    copies.repository.break("settle");
    await expect(copies.standings.change(key.id, toEnabled, entry)).rejects.toMatchObject(refused);
    expect((await held())?.status).toBe("disabled");
  });

  it("is announced once it is durable, also without a log row; what changes nothing is not", async () => {
    const announced: unknown[] = [];
    await copies.news.subscribe((announcement) => announced.push(announcement));
    await copies.standings.restrict(key.id, reported(200), entry);
    expect(announced).toEqual([]);
    await copies.standings.restrict(key.id, reported(429), () => null);
    expect(announced).toEqual([{ kind: "key-changed", id: key.id }]);
  });

  it("waits for a key that the store misses, and seats it itself when nobody else has", async () => {
    await copies.ports.cooldowns.drop(memberOf(key));
    await copies.standings.restrict(key.id, reported(429), entry);
    expect(copies.pauses.reduce((sum, ms) => sum + ms, 0)).toBe(1_000);
    expect((await held())?.cooldownUntil).toBe(copies.clock.now() + 300_000);
  });

  it("needs no waiting where another instance seats the key meanwhile", async () => {
    await copies.ports.cooldowns.drop(memberOf(key));
    const changing = copies.standings.restrict(key.id, reported(429), entry);
    await until(() => copies.pauses.length === 3);
    await copies.ports.cooldowns.put([{ member: memberOf(key), standing: key.standing }]);
    expect((await changing).decision).toMatchObject({ action: "cooldown" });
    expect(copies.pauses.length).toBeLessThan(10);
  });

  it("of a key that is gone is refused", async () => {
    copies.known.remove(key.id);
    await expect(copies.standings.restrict(key.id, reported(429), entry)).rejects.toMatchObject({
      code: "key_not_found",
    });
  });
});

describe("a standing that only the store knows", () => {
  const forged: Standing = { status: "enabled", cooldownUntil: 0, protectedUntil: 0, generation: 99 };
  beforeEach(async () => {
    await copies.standings.change(key.id, toDisabled, entry);
    await copies.ports.cooldowns.replace(memberOf(key), (await held()) as Standing, forged);
  });

  it("permits nothing, and is replaced by the durable one", async () => {
    const { decision } = await copies.standings.restrict(key.id, reported(429), entry);
    expect(decision).toMatchObject({ action: "skip", reason: "disabled" });
    expect([(await held())?.status, (await durable())?.generation]).toEqual(["disabled", 0]);
    expect(copies.corrected).toEqual([key.id]);
  });

  it("is believed once the database knows its generation", async () => {
    await copies.ports.keys.settle(key.id, forged, null);
    const { decision } = await copies.standings.restrict(key.id, reported(429), entry);
    expect(decision).toMatchObject({ action: "cooldown" });
    expect(copies.corrected).toEqual([]);
  });
});

it("of a storm of reports one tries to change the key", async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () => copies.standings.restrict(key.id, reported(429), entry)),
  );
  expect(outcomes.filter(({ decision }) => decision.action === "cooldown")).toHaveLength(1);
  expect(copies.calls.filter((name) => name === "replace")).toHaveLength(1);
});

describe("permitting a key only if it is unchanged", () => {
  it("does so, or changes nothing when its standing has changed in the store or the database", async () => {
    await copies.standings.restrict(key.id, reported(401), entry);
    const seen = copies.known.get(key.id) as Key;
    await copies.ports.keys.settle(key.id, disable(seen.standing, copies.clock.now()), null);
    expect(await copies.standings.permitIfUnchanged(seen, enable, entryAt)).toBe(false);
    expect(await durable()).toMatchObject({ status: "disabled", disabledBy: "person" });
    const other = await copies.add({ secret: "another-secret" });
    await copies.standings.restrict(other.id, reported(401), entry);
    const unchanged = copies.known.get(other.id) as Key;
    expect(await copies.standings.permitIfUnchanged(unchanged, enable, entryAt)).toBe(true);
    expect(copies.known.get(other.id)?.standing).toMatchObject({ status: "enabled", generation: 1 });
  });

  it("changes nothing for a key that has moved", async () => {
    await copies.standings.restrict(key.id, reported(401), entry);
    const seen = { ...(copies.known.get(key.id) as Key) };
    await copies.places.describe(key.id, { region: "westus" }, null);
    expect(await copies.standings.permitIfUnchanged(seen, enable, entryAt)).toBe(false);
    expect((await durable())?.status).toBe("disabled");
  });
});
