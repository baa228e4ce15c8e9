import { describe, expect, test } from "vitest";
import {
  boundsOf,
  DEFAULT_SETTINGS,
  DomainError,
  KNOWN_SETTINGS,
  parseSettingDescription,
  parseSettingName,
  parseSettings,
  parseSettingValue,
  readSettings,
  type SettingBounds,
  type SettingName,
} from "../../src/domain/index.ts";

const settings = (values: Record<string, string>) => parseSettings(new Map(Object.entries(values)));

function badNames(values: Record<string, string>): readonly string[] {
  try {
    settings(values);
  } catch (error) {
    if (error instanceof DomainError) return error.problems.map(({ field }) => field);
    throw error;
  }
  return [];
}

describe("settings", () => {
  test("have the reference's defaults", () => {
    expect(DEFAULT_SETTINGS).toMatchObject({
      cooldownMs: 300_000,
      protectionMs: 5_000,
      disableCodes: new Set([401, 403, 404]),
      cooldownCodes: new Set([429]),
      maxConcurrentProbes: 10,
      probeTimeoutMs: 10_000,
      recheckIntervalMs: 0,
      retryAfterMaxMs: 3_600_000,
      rotation: "round_robin",
      logRetentionDays: 30,
      logMaxRows: 1_000_000,
    });
  });

  test.each([
    ["cooldown_seconds", ["1", "0.5", "2678400"], ["abc", "0", "-1", "2678401", "1e3", "", " 5", "Infinity"]],
    ["protection_period_seconds", ["0", "5", "0.25"], ["-1", "x", "2678401", ""]],
    ["retry_after_max_seconds", ["0", "3600", "2678400"], ["-1", "0.5", "2678401", "an hour", ""]],
    ["disable_codes", ["", "401", "401, 403", "500"], ["200", "600", "401,", "4o1", "401;403"]],
    ["cooldown_codes", ["", "429,503"], ["99", "429 503"]],
    ["max_concurrent_requests", ["1", "500"], ["0", "-1", "1.5", "many"]],
    ["probe_timeout_seconds", ["0.25", "10", "120"], ["0", "-1", "120.001", "soon", ""]],
    ["recheck_interval_minutes", ["0", "30", "10080"], ["-1", "0.5", "10081", "daily", ""]],
    ["key_rotation_strategy", ["round_robin", "sticky"], ["random", "", "Sticky"]],
    ["log_retention_days", ["0", "365"], ["-1", "1.5", ""]],
    ["log_max_rows", ["0", "10"], ["-1", "all"]],
    ["client_disables_per_hour", ["0", "20"], ["-1", "any"]],
    ["client_distinct_keys_per_hour", ["0", "1000"], ["-1", "1001"]],
    ["audit_retention_days", ["0", "365"], ["-1", "a year"]],
  ])("%s accepts %j and refuses %j", (name, good, bad) => {
    for (const value of good) expect(badNames({ [name]: value })).toEqual([]);
    for (const value of bad) expect(badNames({ [name]: value })).toEqual([name]);
  });

  test("no code may be in both lists", () => {
    expect(badNames({ cooldown_codes: "429,401" })).toEqual(["cooldown_codes"]);
    expect(badNames({ cooldown_codes: "429,401", disable_codes: "403" })).toEqual([]);
  });

  test("all bad ones are named together, unknown names are free text", () => {
    expect(badNames({ cooldown_seconds: "abc", log_max_rows: "x", my_note: "anything" })).toEqual([
      "cooldown_seconds",
      "log_max_rows",
    ]);
  });

  test("a bad value that is stored already is replaced by its default and reported", () => {
    const { settings, problems } = readSettings(new Map([["cooldown_seconds", "abc"]]));
    expect(settings).toEqual(DEFAULT_SETTINGS);
    expect(problems.map(({ field }) => field)).toEqual(["cooldown_seconds"]);
  });

  test("texts hold what a database can hold", () => {
    for (const bad of ["\u0000", "\ud83d", "a\ude00"]) {
      expect(() => parseSettingValue(bad)).toThrow("value: ");
      expect(() => parseSettingDescription(bad)).toThrow("description: ");
    }
    expect(parseSettingValue("😀")).toBe("😀");
  });

  test.each(["", "a b", "x".repeat(101), "__proto__", "constructor", "a/b", "\u0000"])(
    "refuses the name %j",
    (name) => {
      expect(() => parseSettingName(name)).toThrow("name: ");
    },
  );
});

describe("the bounds of a setting", () => {
  test.each(KNOWN_SETTINGS.map(({ name }) => name))("%s are those within which it is accepted", (name) => {
    const [good, bad] = edgesOf(boundsOf(name as SettingName));
    for (const value of good) expect(badNames({ [name]: value }), value).toEqual([]);
    for (const value of bad) expect(badNames({ [name]: value }), value).toEqual([name]);
  });
});

function edgesOf(bounds: SettingBounds): readonly [good: readonly string[], bad: readonly string[]] {
  switch (bounds.kind) {
    case "integer":
      return [
        [`${bounds.min}`, `${bounds.max}`],
        [`${bounds.min - 1}`, `${bounds.max + 1}`, "1.5"],
      ];
    case "seconds":
      return [
        [`${bounds.min}`, `${bounds.max}`, "1.5"],
        [`${bounds.min - 1}`, `${bounds.max + 1}`],
      ];
    case "aboveZero":
      return [
        ["0.001", `${bounds.max}`],
        ["0", `${bounds.max + 1}`],
      ];
    case "codes":
      return [
        ["300,599", ""],
        ["299", "600", "x"],
      ];
    case "choice":
      return [bounds.options, ["x", ""]];
  }
}
