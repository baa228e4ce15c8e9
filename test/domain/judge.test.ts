import { describe, expect, test } from "vitest";
import { judge, NEW_STANDING, phase, type Standing } from "../../src/domain/index.ts";
import { deadByCode, disabledByPerson, NOW, POLICY, throttled } from "../situations/standings.ts";

const situations: Record<string, { standing: Standing; now: number }> = {
  available: { standing: NEW_STANDING, now: NOW },
  protected: { standing: throttled, now: NOW + 300_000 },
  cooling: { standing: throttled, now: NOW + 299_999 },
  disabled: { standing: deadByCode, now: NOW },
};

// The table of the rules: report, then what it does to a key in each phase.
const rules: [code: number, Record<string, string>][] = [
  [200, { available: "keep_enabled", protected: "keep_enabled", cooling: "log", disabled: "log" }],
  [299, { available: "keep_enabled", protected: "keep_enabled", cooling: "log", disabled: "log" }],
  [
    401,
    { available: "disable", protected: "disable", cooling: "disable", disabled: "skip already_disabled" },
  ],
  [
    403,
    { available: "disable", protected: "disable", cooling: "disable", disabled: "skip already_disabled" },
  ],
  [
    404,
    { available: "disable", protected: "disable", cooling: "disable", disabled: "skip already_disabled" },
  ],
  [
    429,
    {
      available: "cooldown",
      protected: "skip protected",
      cooling: "skip cooling",
      disabled: "skip disabled",
    },
  ],
  [199, { available: "log", protected: "log", cooling: "log", disabled: "log" }],
  [300, { available: "log", protected: "log", cooling: "log", disabled: "log" }],
  [500, { available: "log", protected: "log", cooling: "log", disabled: "log" }],
];

describe("judge", () => {
  for (const [code, outcomes] of rules) {
    for (const [situation, expected] of Object.entries(outcomes)) {
      test(`${code} for a key that is ${situation}: ${expected}`, () => {
        const { standing, now } = situations[situation] as { standing: Standing; now: number };
        expect(phase(standing, now)).toBe(situation);
        const judgement = judge(standing, code, POLICY, now);
        const reason = judgement.action === "skip" ? ` ${judgement.reason}` : "";
        expect(judgement.action + reason).toBe(expected);
        const changes = judgement.action === "disable" || judgement.action === "cooldown";
        expect(judgement.standing === standing).toBe(!changes);
      });
    }
  }

  test("fixes the deadline and the protection when the cooldown starts", () => {
    expect(throttled).toEqual({
      status: "enabled",
      cooldownUntil: NOW + 300_000,
      protectedUntil: NOW + 305_000,
      generation: 0,
    });
  });

  test("I4 protection runs from the deadline and ignores cooldown codes only", () => {
    const lastProtected = NOW + 304_999;
    expect(judge(throttled, 429, POLICY, lastProtected).action).toBe("skip");
    expect(judge(throttled, 401, POLICY, lastProtected).action).toBe("disable");
    expect(judge(throttled, 429, POLICY, NOW + 305_000).action).toBe("cooldown");
  });

  test("a code's disable remembers the code, the instant and the rest that was running", () => {
    expect(judge(throttled, 403, POLICY, NOW + 1).standing).toEqual({
      ...throttled,
      status: "disabled",
      disabledBy: "code",
      disabledCode: 403,
      disabledAt: NOW + 1,
    });
  });

  test("a code in neither list only logs", () => {
    const mild = { ...POLICY, disableCodes: new Set<number>(), cooldownCodes: new Set<number>() };
    for (const code of [401, 429]) expect(judge(NEW_STANDING, code, mild, NOW).action).toBe("log");
  });

  test("I5 no code changes a key that a person disabled", () => {
    for (const code of [200, 401, 429, 500]) {
      expect(judge(disabledByPerson, code, POLICY, NOW).standing).toBe(disabledByPerson);
    }
  });
});
