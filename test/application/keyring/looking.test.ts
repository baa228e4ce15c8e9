import { beforeEach, describe, expect, it } from "vitest";
import { memberOf } from "../../../src/application/keyring/copies.ts";
import { Looking } from "../../../src/application/keyring/looking.ts";
import { disable, type Key } from "../../../src/domain/index.ts";
import { until } from "../../../src/testing/until.ts";
import { type LosableCopies, openLosableCopies } from "../../situations/copies.ts";

let copies: LosableCopies;
let looking: Looking;
let key: Key;
beforeEach(async () => {
  copies = openLosableCopies();
  looking = new Looking(copies.copies);
  key = await copies.add();
});

const disabledNow = () => disable(key.standing, copies.clock.now());
/** What makes a key unusable: here or in the store, durable or not. */
const RESTRICTIONS: readonly [string, () => unknown][] = [
  [
    "that is restricted in the store",
    () => copies.cooldowns.replace(memberOf(key), key.standing, disabledNow()),
  ],
  ["that has left its queues", () => copies.cooldowns.leave(memberOf(key))],
  ["that the store has no longer", () => copies.cooldowns.drop(memberOf(key))],
];

describe("a key may still be used", () => {
  it("that waits in its pool, at this instant", async () => {
    expect(await looking.usable(key.id)).toEqual({ key, at: copies.clock.now() });
  });

  it.each(RESTRICTIONS)("but not one %s", async (_, restrict) => {
    await restrict();
    expect(await looking.usable(key.id)).toBeUndefined();
  });

  it("but not one that is known to be restricted, whatever the store says", async () => {
    copies.known.confirm(key.id, disabledNow());
    expect(await looking.usable(key.id)).toBeUndefined();
  });

  it("but not one that is unknown, whose pool the store does not know, or that changes during the look", async () => {
    expect(await looking.usable(key.id + 1)).toBeUndefined();
    copies.store.hold("read");
    const look = looking.usable(key.id);
    await until(() => copies.store.held === 1);
    copies.known.set({ ...key, name: "newer" });
    copies.store.release();
    expect(await look).toBeUndefined();
    copies.lose();
    expect(await looking.usable(key.id)).toBeUndefined();
  });

  it("is asked without the database", async () => {
    copies.repository.break("get", "findBySecret");
    expect(await looking.usable(key.id)).toBeDefined();
  });
});

describe("a look after keys that somebody has", () => {
  it.each(RESTRICTIONS)("notes one %s", async (_, restrict) => {
    const other = await copies.add({ secret: "another-secret" });
    await restrict();
    await looking.look([key.id, other.id]);
    expect(copies.restricted).toEqual([key.id]);
  });

  it("notes none that is unknown, or whose pool the store does not know", async () => {
    copies.lose();
    await looking.look([key.id, key.id + 1]);
    expect(copies.restricted).toEqual([]);
  });

  it("has 200 calls under way at a time", async () => {
    copies.store.hold("read");
    const looks = looking.look(Array.from({ length: 201 }, () => key.id));
    await until(() => copies.store.held > 0);
    expect(copies.store.held).toBe(200);
    copies.store.release();
    await looks;
    expect(copies.calls).toHaveLength(201);
  });
});
