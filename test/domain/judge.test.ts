import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge, NEW_STANDING, phase, type RetryAfter, type Standing } from "../../src/domain/index.ts";
import {
  anyStanding,
  deadByCode,
  disabledByPerson,
  NOW,
  POLICY,
  throttled,
} from "../situations/standings.ts";

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

describe("judge with a Retry-After", () => {
  const HOUR = 3_600_000;
  const until = (retryAfter: RetryAfter, policy = POLICY) =>
    judge(NEW_STANDING, 429, policy, NOW, retryAfter).standing.cooldownUntil - NOW;
  const delay = (ms: number): RetryAfter => ({ kind: "delay", ms });
  const date = (at: number): RetryAfter => ({ kind: "date", at });

  test("a cooldown ends at that instant, and its protection follows with its own length", () => {
    expect(judge(NEW_STANDING, 429, POLICY, NOW, delay(20_000)).standing).toEqual({
      ...throttled,
      cooldownUntil: NOW + 20_000,
      protectedUntil: NOW + 25_000,
    });
    expect(until(date(NOW + 1_200_000))).toBe(1_200_000);
  });

  test("it rests a second at least, and no longer than the setting says", () => {
    for (const asked of [delay(0), delay(999), date(NOW), date(NOW - HOUR)]) expect(until(asked)).toBe(1000);
    for (const asked of [delay(HOUR), delay(HOUR + 1), date(NOW + 9 * HOUR)]) expect(until(asked)).toBe(HOUR);
    expect(until(delay(HOUR), { ...POLICY, retryAfterMaxMs: 60_000 })).toBe(60_000);
  });

  test("it is ignored where the setting is 0", () => {
    expect(until(delay(20_000), { ...POLICY, retryAfterMaxMs: 0 })).toBe(300_000);
  });

  const asked = fc.oneof(
    fc.integer({ min: 0, max: 100 }).map((ms) => delay(ms * 1000)),
    fc.integer({ min: -50, max: 100_000 }).map(date),
  );
  const policy = fc
    .tuple(fc.integer({ min: 1, max: 50 }), fc.nat(50))
    .map(([cooldown, most]) => ({ ...POLICY, cooldownMs: cooldown * 1000, retryAfterMaxMs: most * 1000 }));
  const code = fc.constantFrom(200, 401, 429, 500);

  test("it changes nothing but the deadline of a cooldown that starts, which stays within its bounds", () => {
    fc.assert(
      fc.property(anyStanding, code, policy, fc.nat(30), asked, (standing, code, policy, now, retryAfter) => {
        const plain = judge(standing, code, policy, now);
        const given = judge(standing, code, policy, now, retryAfter);
        const { cooldownUntil, protectedUntil } = given.standing;
        if (plain.action !== "cooldown" || policy.retryAfterMaxMs === 0) {
          expect(given).toEqual(plain);
          return;
        }
        expect(given).toEqual({ ...plain, standing: { ...plain.standing, cooldownUntil, protectedUntil } });
        expect(protectedUntil - cooldownUntil).toBe(policy.protectionMs);
        expect(cooldownUntil - now).toBeGreaterThanOrEqual(1000);
        expect(cooldownUntil - now).toBeLessThanOrEqual(policy.retryAfterMaxMs);
      }),
    );
  });

  test("I2 no later Retry-After moves a deadline while the key rests or is protected", () => {
    fc.assert(
      fc.property(policy, asked, asked, fc.nat(60_000), (policy, first, later, passed) => {
        const { standing } = judge(NEW_STANDING, 429, policy, NOW, first);
        fc.pre(NOW + passed < standing.protectedUntil);
        expect(judge(standing, 429, policy, NOW + passed, later).standing).toBe(standing);
      }),
    );
  });
});
