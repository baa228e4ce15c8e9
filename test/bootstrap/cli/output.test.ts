import { describe, expect, it } from "vitest";
import { barOf, progressOf } from "../../../src/bootstrap/cli/output/progress.ts";
import { type Column, printable, tableOf } from "../../../src/bootstrap/cli/output/table.ts";
import { shortTime, spanOf } from "../../../src/bootstrap/cli/output/times.ts";
import { overviewsOf } from "../../../src/bootstrap/cli/pool-overview.ts";
import { WrittenTerminal } from "./written-terminal.ts";

describe("a table", () => {
  const columns = [
    { title: "NAME", of: ({ name }) => name },
    { title: "N", of: ({ n }) => n, align: "right" },
  ] satisfies Column<{ readonly name: string; readonly n: number }>[];

  it("aligns columns where characters are wide", () => {
    const rows = [
      { name: "东亚", n: 5 },
      { name: "plain", n: 12 },
    ];
    expect(tableOf(rows, columns)).toEqual(["NAME    N", "东亚    5", "plain  12"]);
  });

  it("has a title alone where there is nothing", () => {
    expect(tableOf([], columns)).toEqual(["NAME  N"]);
  });

  it("lets nobody's name speak to the terminal", () => {
    expect(printable("a\u001b[2Jb\nc\u202Ed")).toBe("a�[2Jb�c�d");
  });
});

describe("times", () => {
  it("shows the two largest parts of a span", () => {
    expect([0, 0.2, 59, 61, 3700, 90_061].map(spanOf)).toEqual([
      "0s",
      "1s",
      "59s",
      "1m 1s",
      "1h 1m",
      "1d 1h",
    ]);
  });

  it("shows instants to the second", () => {
    expect(shortTime("2027-01-31T09:00:00.123Z")).toBe("2027-01-31 09:00:00");
    expect(shortTime(null)).toBeNull();
  });
});

describe("a bar", () => {
  it("is full at the end, also of nothing", () => {
    expect([barOf(0, 4), barOf(2, 4), barOf(4, 4), barOf(0, 0)]).toEqual([
      `[${"-".repeat(24)}]`,
      `[${"#".repeat(12)}${"-".repeat(12)}]`,
      `[${"#".repeat(24)}]`,
      `[${"#".repeat(24)}]`,
    ]);
  });

  it("is drawn on a terminal only, and not when it is to be quiet", () => {
    const drawn = (isErrorTerminal: boolean, isQuiet: boolean) => {
      const terminal = new WrittenTerminal({ isErrorTerminal });
      const progress = progressOf(terminal, "copying", isQuiet);
      progress.show(1, 2);
      progress.end();
      return terminal.beside;
    };
    expect(drawn(true, false)).toContain("copying [");
    expect(drawn(true, true) + drawn(false, false)).toBe("");
  });
});

it("a pool's overview counts its keys, and names who is back next and who was last", () => {
  const key = (id: number, more: object) => ({
    ...{ id, key: `k${id}***`, service: "speech", region: "eastasia", keyname: `n${id}`, tag: null },
    max_in_flight: null,
    ...{
      status: "enabled",
      cooldown_until: null,
      protected_until: null,
      disabled_by: null,
      disabled_code: null,
    },
    ...{ disabled_at: null, created_at: "", usage_count: 0, error_count: 0, last_used: null, ...more },
  });
  const keys = [
    key(1, { last_used: "2027-01-31T09:00:00.000Z" }),
    key(2, { status: "cooldown", cooldown_until: "2027-01-31T10:00:05.000Z" }),
    key(3, {
      status: "cooldown",
      cooldown_until: "2027-01-31T10:00:02.000Z",
      last_used: "2027-01-31T09:59:00.000Z",
    }),
    key(4, { status: "disabled", disabled_by: "person" }),
    key(5, { region: "westus" }),
  ] as Parameters<typeof overviewsOf>[0];
  expect(overviewsOf(keys)).toEqual([
    {
      ...{ service: "speech", region: "eastasia", usable: 1, resting: 2, disabled: 1 },
      ...{ nextBackAt: Date.parse("2027-01-31T10:00:02Z"), lastUsed: "k3*** n3" },
    },
    {
      ...{ service: "speech", region: "westus", usable: 1, resting: 0, disabled: 0 },
      ...{ nextBackAt: null, lastUsed: null },
    },
  ]);
});
