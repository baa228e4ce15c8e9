import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareStandings,
  disable,
  enable,
  judge,
  merge,
  NEW_STANDING,
  sameStanding,
} from "../../src/domain/index.ts";
import {
  anyStanding,
  deadByCode,
  disabledByPerson,
  NOW,
  POLICY,
  throttled,
} from "../situations/standings.ts";

describe("merge", () => {
  test("the higher generation wins over any other part", () => {
    const enabledAgain = enable(disabledByPerson, NOW);
    expect(merge(disabledByPerson, enabledAgain)).toBe(enabledAgain);
  });

  test("I5 within a generation disabled wins, a person's over a code's", () => {
    expect(merge(throttled, deadByCode)).toBe(deadByCode);
    expect(merge(deadByCode, disabledByPerson)).toBe(disabledByPerson);
  });

  test("then the later deadline", () => {
    expect(merge(NEW_STANDING, throttled)).toBe(throttled);
  });

  test("is commutative, associative and idempotent", () => {
    fc.assert(
      fc.property(anyStanding, anyStanding, anyStanding, (a, b, c) => {
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, a)).toEqual(a);
      }),
    );
  });

  test("two standings rank the same only if they are the same", () => {
    fc.assert(
      fc.property(anyStanding, anyStanding, (a, b) => {
        if (sameStanding(a, b)) expect(a).toEqual(b);
        expect(Math.sign(compareStandings(a, b)) + Math.sign(compareStandings(b, a))).toBe(0);
      }),
    );
  });

  test("each decision of the rules outranks the standing it was made from", () => {
    fc.assert(
      fc.property(anyStanding, fc.nat(40), fc.constantFrom(200, 401, 429, 500), (standing, now, code) => {
        for (const next of [
          judge(standing, code, POLICY, now).standing,
          enable(standing, now),
          disable(standing, now),
        ]) {
          expect(next === standing || compareStandings(next, standing) > 0).toBe(true);
        }
      }),
    );
  });
});
