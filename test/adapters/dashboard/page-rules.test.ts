import { describe, expect, it } from "vitest";
import { changesOf } from "../../../src/adapters/dashboard/page/audit/changes.ts";
import { countMinutes } from "../../../src/adapters/dashboard/page/overview/report-counts.ts";
import { hoursOf, troubleByRegion } from "../../../src/adapters/dashboard/page/parts/report-hours.ts";
import { nextChange, phaseOf, type Standing } from "../../../src/adapters/dashboard/page/parts/standing.ts";
import { ago, countdown } from "../../../src/adapters/dashboard/page/text/durations.ts";

const NOON = Date.parse("2026-01-01T12:00:00.000Z");
const at = (ms: number) => new Date(NOON + ms).toISOString();
const RESTING: Standing = {
  status: "cooldown",
  cooldown_until: at(1000),
  protected_until: at(6000),
  disabled_by: null,
  disabled_code: null,
};

describe("a standing", () => {
  it("goes on by the clock alone", () => {
    expect([0, 999, 1000, 5999, 6000].map((ms) => phaseOf(RESTING, NOON + ms))).toEqual([
      "cooldown",
      "cooldown",
      "protected",
      "protected",
      "enabled",
    ]);
    expect(phaseOf({ ...RESTING, status: "disabled" }, NOON)).toBe("disabled");
  });

  it("says when any of some keys changes next by itself", () => {
    expect(nextChange([{ ...RESTING, cooldown_until: at(9000) }, RESTING], NOON)).toBe(NOON + 1000);
    expect(nextChange([RESTING], NOON + 1000)).toBe(NOON + 6000);
    expect(nextChange([{ ...RESTING, status: "disabled" }], NOON)).toBeNull();
  });
});

describe("a duration", () => {
  it.each([
    [-5, "0:00"],
    [1, "0:01"],
    [249_000, "4:09"],
    [7_449_000, "2:04:09"],
    [273_840_000, "3 d 04:04"],
  ])("of %d ms is %s", (ms, text) => {
    expect(countdown(ms)).toBe(text);
  });

  it("is told in the reader's language", () => {
    expect([ago(70_000, "en-GB"), ago(70_000, "zh-CN")]).toEqual(["1 minute ago", "1分钟前"]);
  });
});

it("reports are counted by minute and class, older ones not at all", () => {
  const reports = [200, 204, 429, 401, 500].map((code) => ({ at: at(-1), code }));
  const minutes = countMinutes(
    [...reports, { at: at(-16 * 60_000), code: 200 }, { at: at(0), code: 429 }],
    NOON,
  );
  expect(minutes).toHaveLength(15);
  expect(minutes.at(-2)).toEqual({ at: NOON - 60_000, ok: 2, throttled: 1, refused: 1, failed: 1 });
  expect(minutes.at(-1)).toMatchObject({ ok: 0, throttled: 1 });
  expect(minutes.at(0)).toMatchObject({ ok: 0 });
});

it.each([
  [null, { tag: "a", region: null }, null, ["tag – a"]],
  [{ tag: "a", name: "x", status: "enabled" }, { tag: "b", name: "x" }, null, ["tag a b"]],
  [{ tag: "a" }, null, null, ["tag a –"]],
  [{ tag: "a" }, { reason: "lost" }, "lost", []],
  [null, { expiresAt: NOON }, null, ["expiresAt – 2026-01-01T12:00:00.000Z"]],
  [null, { scope: { regions: ["eastus"] } }, null, ['scope – {"regions":["eastus"]}']],
  [null, null, null, []],
])("an audited act from %j to %j changes what differs", (before, after, reason, changes) => {
  const seen = changesOf(before, after);
  expect(seen.reason).toBe(reason);
  expect(seen.changes.map(({ field, from, to }) => `${field} ${from} ${to}`)).toEqual(changes);
});

describe("the reports of the last 24 hours", () => {
  const HOUR = 3_600_000;
  const counted = (hour: number, changes: object) => ({
    ...{ at: at(hour * HOUR), region: "eastus" },
    ...{ "2xx": 0, "401": 0, "403": 0, "404": 0, "429": 0, other: 0 },
    ...changes,
  });

  it("are told apart as the chart shows them, in the hours that they were made", () => {
    const hours = hoursOf(
      [
        counted(0, { "2xx": 5, "401": 1, "403": 2, "404": 3, "429": 4, other: 6 }),
        counted(0, { "2xx": 1, region: "westus" }),
        counted(-23, { "429": 1 }),
        counted(-24, { "429": 7 }),
      ],
      NOON + HOUR - 1,
    );
    expect(hours).toHaveLength(24);
    expect(hours.at(-1)).toEqual({ at: NOON, ok: 6, throttled: 4, refused: 6, failed: 6 });
    expect(hours.at(0)).toEqual({ at: NOON - 23 * HOUR, ok: 0, throttled: 1, refused: 0, failed: 0 });
  });

  it("are shown by region where there are any 429 or 401, and of those alone", () => {
    const regions = troubleByRegion(
      "speech",
      [
        counted(0, { "2xx": 9, "403": 9, "429": 1 }),
        counted(-1, { region: "westus", "429": 1, "401": 1 }),
        counted(0, { region: "global", "2xx": 9 }),
        counted(-24, { region: "northeurope", "429": 9 }),
      ],
      NOON,
    );
    expect(regions.map(({ service, region, total }) => [service, region, total])).toEqual([
      ["speech", "westus", 2],
      ["speech", "eastus", 1],
    ]);
    expect(regions[1]?.hours.at(-1)).toEqual({ at: NOON, ok: 0, throttled: 1, refused: 0, failed: 0 });
  });
});
