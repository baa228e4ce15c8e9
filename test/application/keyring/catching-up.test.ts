import { beforeEach, describe, expect, it } from "vitest";
import { memberOf } from "../../../src/application/keyring/copies.ts";
import { disable, type Key } from "../../../src/domain/index.ts";
import { until } from "../../../src/testing/until.ts";
import { type OpenCopies, openCopies } from "../../situations/copies.ts";

let copies: OpenCopies;
let key: Key;
beforeEach(async () => {
  copies = openCopies();
  key = await copies.add();
});

const disableElsewhere = () =>
  copies.ports.keys.settle(key.id, disable(key.standing, copies.clock.now()), null);
const heldStatus = async () => {
  const held = await copies.ports.cooldowns.read(memberOf(key));
  return held.status === "held" ? held.standing.status : held.status;
};

describe("finding a key", () => {
  it("asks the database only for what this process does not know", async () => {
    const other = await copies.addElsewhere({ secret: "known-to-others-only" });
    expect(await copies.catchingUp.find("speech", "known-to-others-only")).toEqual(other);
    copies.repository.break("findBySecret", "get");
    expect(await copies.catchingUp.find("speech", "known-to-others-only")).toEqual(other);
    expect(await copies.catchingUp.byId(other.id)).toEqual(other);
  });

  it("answers nothing for a key that was removed, whatever an older read says", async () => {
    copies.known.remove(key.id);
    expect(await copies.catchingUp.byId(key.id)).toBeUndefined();
  });
});

describe("catching up", () => {
  it("takes in what another instance has changed, in this process and in the store", async () => {
    await disableElsewhere();
    await copies.catchingUp.catchUp(key);
    expect(copies.known.get(key.id)?.standing.status).toBe("disabled");
    expect(await heldStatus()).toBe("disabled");
  });

  it("asks the store for nothing where nothing has changed", async () => {
    await copies.catchingUp.catchUp(key);
    expect(copies.calls).toEqual([]);
  });

  it("forgets a key that another instance has removed", async () => {
    await copies.ports.keys.remove(key.id, null);
    await copies.catchingUp.catchUp(key);
    expect(copies.known.get(key.id)).toBeUndefined();
    expect(await heldStatus()).toBe("missing");
  });

  it("leaves a key alone that this process is changing, or has changed while the database was read", async () => {
    await disableElsewhere();
    const gate = Promise.withResolvers<void>();
    const writing = copies.copies.writes.write(key.id, () => gate.promise);
    await copies.catchingUp.catchUp(key);
    expect(copies.known.get(key.id)).toBe(key);
    gate.resolve();
    await writing;
    copies.repository.hold("get");
    const catchingUp = copies.catchingUp.catchUp(key);
    await until(() => copies.repository.held === 1);
    const newer = { ...key, name: "newer" };
    copies.known.set(newer);
    copies.repository.release();
    await catchingUp;
    expect(copies.known.get(key.id)).toBe(newer);
  });

  it("goes on by what is known where the database is away", async () => {
    copies.repository.break("get");
    await copies.catchingUp.tryToCatchUp(key);
    await expect(copies.catchingUp.catchUp(key)).rejects.toMatchObject({ code: "storage_unavailable" });
  });
});

describe("seating a key in the place of an instance that has died", () => {
  beforeEach(() => copies.ports.cooldowns.drop(memberOf(key)));

  it("puts it where the database has it", async () => {
    await copies.ports.keys.describe(key.id, { region: "westus" }, null);
    await copies.catchingUp.seat(key);
    const moved = copies.known.get(key.id) as Key;
    expect([await heldStatus(), moved.region]).toEqual(["missing", "westus"]);
    expect((await copies.ports.cooldowns.read(memberOf(moved))).status).toBe("held");
  });

  it("takes it out again when it is removed meanwhile", async () => {
    copies.store.hold("put");
    const seating = copies.catchingUp.seat(key);
    await until(() => copies.store.held === 1);
    await copies.ports.keys.remove(key.id, null);
    copies.store.release();
    await seating;
    expect([await heldStatus(), copies.known.get(key.id)]).toEqual(["missing", undefined]);
  });
});
