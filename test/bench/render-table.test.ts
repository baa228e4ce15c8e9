import { expect, it } from "vitest";
import { renderTable } from "../../bench/render-table.ts";
import { type Row, reachedBy, unmeasured } from "../../bench/row.ts";
import { median, percentile } from "../../bench/statistics.ts";

const row: Row = {
  figure: "GET",
  unit: "/s",
  measured: 31_000,
  anchor: 50_000,
  demand: { on: "ratio", is: "≥", goal: 0.6, aim: 0.75 },
};

it("takes the middle, and between the two in the middle", () => {
  expect(median([30, 1, 20])).toBe(20);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(percentile([...Array(101).keys()], 99)).toBe(99);
});

it("distinguishes goal and aim, and judges no figure that had errors", () => {
  expect(reachedBy(row)).toBe("goal");
  expect(reachedBy({ ...row, measured: 40_000 })).toBe("aim");
  expect(reachedBy({ ...row, measured: 29_000 })).toBe("no");
  expect(reachedBy({ ...row, errors: 1 })).toBe("no");
  expect(reachedBy({ figure: "p99", unit: "ms", measured: 3 })).toBe("");
});

it("lines the columns up, and says why a figure is missing", () => {
  const lines = renderTable([row, unmeasured("memory", "no /proc here")]).split("\n");
  expect(lines[2]).toMatch(/GET +\| 31,000 \/s +\| 50,000 \/s +\| 0\.62 +\| ≥ 0\.600 +\| ≥ 0\.750 +\| goal/);
  expect(lines[3]).toMatch(/memory +\| n\/a .*no \/proc here/);
  expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
});
