import { describe, expect, it } from "vitest";
import { findViolations } from "./storm-checker.ts";
import type { Act, Answered, History, Operation } from "./storm-history.ts";

const KEY = "key";
const HAND_OUT: Act = { kind: "hand-out", region: "eastasia", tag: null };
const COOLED: Answered = { status: 200, action: "cooldown" };
const OK: Answered = { status: 200 };

type More = Partial<Operation>;

function operation(act: Act, startedAt: number, more: More = {}): Operation {
  return { instance: 0, key: KEY, act, startedAt, endedAt: startedAt + 10, answer: OK, ...more };
}

const report = (code: number, startedAt: number, answer: Answered | "lost", more: More = {}) =>
  operation({ kind: "report", code, note: `n${startedAt}` }, startedAt, { answer, ...more });
const handOut = (startedAt: number, more: More = {}) => operation(HAND_OUT, startedAt, more);
const enable = (startedAt: number, more: More = {}) => operation({ kind: "enable" }, startedAt, more);
const disable = (startedAt: number, more: More = {}) => operation({ kind: "disable" }, startedAt, more);
const remove = (startedAt: number, more: More = {}) => operation({ kind: "delete" }, startedAt, more);
const move = (region: string, startedAt: number, more: More = {}) =>
  operation({ kind: "place", name: `n${startedAt}`, region }, startedAt, more);
const retag = (tag: string | null, startedAt: number, more: More = {}) =>
  operation({ kind: "place", name: `n${startedAt}`, tag }, startedAt, more);

const ROW = {
  secret: KEY,
  region: "eastasia",
  tag: null,
  keyname: "",
  status: "enabled",
  disabled_by: null,
};

/** The log rows that all these operations should have left. */
function rowsOf(operations: readonly Operation[]): History["durable"]["logs"] {
  const actions = ["set_status", "disable_key", "cooldown_start"];
  return operations.flatMap(({ act }) => {
    if (act.kind === "report") return actions.map((action) => ({ action, note: act.note }));
    return act.kind === "place" ? [{ action: "update_key", note: `keyname=${act.name} region=x` }] : [];
  });
}

function found(operations: readonly Operation[], more: Partial<History> = {}): string[] {
  const history: History = {
    operations,
    initialCooldownMs: 1000,
    apart: [],
    emptied: [],
    storageAway: [],
    goneAt: new Map(),
    anchored: ["eastasia"],
    durable: { keys: [], logs: rowsOf(operations) },
    ...more,
  };
  return findViolations(history).map(({ invariant }) => invariant);
}

const endsAs = (row: Partial<typeof ROW> | null, operations: readonly Operation[]) =>
  found(operations, {
    durable: {
      keys: row === null ? [] : [{ ...ROW, ...row } as History["durable"]["keys"][number]],
      logs: rowsOf(operations),
    },
  });

const apart = [{ from: 0, until: 500 }];
const onOther = { instance: 1 };

describe("the checker of a storm", () => {
  it.each<readonly [string, readonly Operation[]]>([
    ["a cooling key", [report(429, 0, COOLED), handOut(20)]],
    ["a cooling key, by another instance", [report(429, 0, COOLED), handOut(20, onOther)]],
    ["a cooling key that was enabled before", [enable(0), report(429, 20, COOLED), handOut(40)]],
    ["a key that a report has disabled", [report(401, 0, { status: 200, action: "disable" }), handOut(9000)]],
    ["a deleted key", [remove(0), handOut(20)]],
    ["a key that has moved", [move("westus", 0), handOut(20)]],
    [
      "a key that has lost its tag",
      [retag(null, 0), handOut(20, { act: { ...HAND_OUT, tag: "red" } as Act })],
    ],
  ])("I1: finds a hand-out of %s", (_, operations) => {
    expect(found(operations)).toContain("I1");
  });

  it("I1: finds a hand-out by the instance that has cooled the key, Redis or not", () => {
    expect(found([report(429, 0, COOLED), handOut(20)], { apart })).toEqual(["I1"]);
  });

  it("I1: finds what another instance has not heard of when the fault is over", () => {
    expect(found([report(429, 400, COOLED), handOut(501, onOther)], { apart })).toEqual(["I1"]);
  });

  it("I1: finds a hand-out before the deadline by any cooldown that may have been in force", () => {
    const set = operation({ kind: "settings", cooldownMs: 300 }, 0, { key: null });
    expect(found([set, report(429, 20, COOLED), handOut(200)])).toEqual(["I1"]);
    expect(found([set, report(429, 20, COOLED), handOut(310)])).toEqual([]);
    expect(found([set, report(429, 9000, COOLED), handOut(9290)])).toEqual([]);
    const before = operation({ kind: "settings", cooldownMs: 100 }, 0, { key: null });
    const now = operation({ kind: "settings", cooldownMs: 1000 }, 20, { key: null });
    expect(found([before, now, report(429, 9000, COOLED), handOut(9500)])).toEqual(["I1"]);
  });

  it("I2: finds two cooldowns of one storm", () => {
    expect(found([report(429, 0, COOLED), report(429, 3, COOLED)])).toEqual(["I2"]);
    expect(found([report(429, 0, COOLED), report(429, 900, COOLED, onOther)])).toEqual(["I2"]);
    expect(found([report(429, 0, COOLED), report(429, 300, COOLED)], { apart })).toEqual(["I2"]);
  });

  it("I1, I5: finds that a refilled Redis has lost a rest or a disable", () => {
    const emptied = [{ from: 5, until: 6 }];
    expect(found([report(429, 0, COOLED), handOut(20, onOther)], { emptied })).toEqual(["I1"]);
    expect(found([disable(0), handOut(20, onOther)], { emptied })).toEqual(["I5"]);
    expect(found([remove(0), handOut(1_700, onOther)], { emptied })).toEqual(["I1"]);
    expect(found([report(429, 0, COOLED), report(429, 3, COOLED)], { emptied })).toEqual(["I2"]);
    expect(found([report(429, 7, COOLED), report(429, 9, COOLED, onOther)], { emptied })).toEqual(["I2"]);
  });

  it("I5: finds a hand-out of a key that a person has disabled", () => {
    expect(found([enable(0), disable(20), handOut(90_000)])).toContain("I5");
  });

  it("I5: finds a key that does not end disabled by a person", () => {
    expect(endsAs({ status: "enabled" }, [disable(0)])).toContain("I5");
    expect(endsAs({ status: "disabled", disabled_by: "code" } as never, [disable(0)])).toEqual(["I5"]);
  });

  it.each<readonly [string, Partial<typeof ROW> | null, readonly Operation[]]>([
    ["a disable", {}, [report(401, 0, { status: 200, action: "disable" })]],
    ["an enable", { status: "disabled" }, [disable(0), enable(20)]],
    ["a delete", {}, [remove(0)]],
    ["a new key", null, [operation({ kind: "add", name: "n", region: "eastasia" }, 0)]],
    ["a move", { keyname: "n0" }, [move("westus", 0)]],
    ["a tag", { keyname: "n0" }, [retag("red", 0)]],
    ["a name", { keyname: "other", region: "westus" }, [move("westus", 0)]],
  ])("I6: finds that %s was lost", (_, row, operations) => {
    expect(endsAs(row, operations)).toContain("I6");
  });

  it.each<readonly [string, Operation]>([
    ["a success", report(200, 0, { status: 200, action: "keep_enabled" })],
    ["a cooldown", report(429, 0, COOLED)],
    ["a disable", report(401, 0, { status: 200, action: "disable" })],
    ["a move", move("westus", 0)],
  ])("I6: finds that the log row of %s was lost", (_, lost) => {
    expect(found([lost], { durable: { keys: [], logs: [] } })).toContain("I6");
  });

  it.each<readonly [string, Operation]>([
    ["a fault of our own", report(200, 0, { status: 500, code: "internal" })],
    ["an answer that never came", report(200, 0, "lost")],
    ["a refused write", report(200, 0, { status: 503, code: "storage_unavailable" })],
    ["an unknown key", report(200, 0, { status: 404, code: "key_not_found" })],
    ["an empty pool", handOut(0, { key: null, answer: { status: 404, code: "no_key" } })],
  ])("I7: finds %s", (_, refused) => {
    expect(found([refused])).toEqual(["I7"]);
  });

  it("I6: finds that an enable was lost, unless its instance could not know of the disable", () => {
    const operations = [disable(100), enable(200, onOther)];
    const durable = {
      keys: [{ ...ROW, status: "disabled", disabled_by: "person" }],
      logs: [],
    };
    expect(found(operations, { durable })).toEqual(["I6"]);
    expect(found(operations, { durable, apart: [{ from: 150, until: 500 }] })).toEqual(["I6"]);
    expect(found(operations, { durable, apart })).toEqual([]);
  });

  it("lets pass what may have been right", () => {
    const refused = { status: 503, code: "storage_unavailable" };
    for (const [operations, more] of [
      // Which of two overlapping operations was first is unknown.
      [[report(429, 0, COOLED), handOut(5)]],
      [[report(429, 0, COOLED), handOut(20, { endedAt: 1001 })]],
      [[report(429, 0, COOLED), enable(5), handOut(20)]],
      [[report(429, 0, COOLED), report(429, 5, COOLED, { endedAt: 1010 })]],
      [[report(429, 0, COOLED), enable(20), report(429, 40, COOLED)]],
      [[disable(0), enable(5, { answer: "lost" }), handOut(90)], { goneAt: new Map([[0, 0]]) }],
      [[move("westus", 0), move("eastasia", 20), handOut(40)]],
      [[remove(0), report(200, 5, { status: 404, code: "key_not_found" })]],
      [[report(429, 0, refused)], { storageAway: [{ from: 5, until: 8 }] }],
      [[report(429, 0, COOLED), handOut(20, onOther), report(429, 300, COOLED, onOther)], { apart }],
      [[move("westus", 0), handOut(20, onOther)], { emptied: [{ from: 5, until: 6 }] }],
      [[report(429, 0, COOLED), report(429, 3, COOLED, onOther)], { emptied: [{ from: 5, until: 6 }] }],
      [[handOut(0, { key: null, answer: { status: 503, code: "all_keys_cooling" } })]],
    ] as const satisfies readonly (readonly [readonly Operation[], Partial<History>?])[]) {
      expect(found(operations, more)).toEqual([]);
    }
  });
});
