import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareClocks, instantOn, STEP_MS } from "../../src/domain/index.ts";

const START = { from: 1_000, at: 5_000_000, lagMs: 0 };

describe("the course of a clock", () => {
  it("runs with its counter while it agrees with its reference", () => {
    expect(instantOn(START, 1_250)).toBe(5_000_250);
    const { course, step } = compareClocks(START, 1_250, 5_000_250, 5_000_250);
    expect([step, instantOn(course, 1_300)]).toEqual([0, 5_000_300]);
  });

  it("takes what was shown at any moment since the question for agreement", () => {
    for (const shown of [5_000_100, 5_004_000, 5_009_000]) {
      expect(compareClocks(START, 10_000, 5_000_100, shown)).toMatchObject({ step: 0, course: { lagMs: 0 } });
    }
  });

  it.each([STEP_MS, -STEP_MS])(
    "takes in a difference of %i ms in ten seconds, and no more than that",
    (lag) => {
      const { course, step } = compareClocks(START, 1_000, 5_000_000, 5_000_000 + lag);
      expect(step).toBe(0);
      expect(instantOn(course, 1_000)).toBe(5_000_000);
      expect(instantOn(course, 11_000)).toBe(5_010_000 + lag);
      expect(instantOn(course, 601_000)).toBe(5_600_000 + lag);
    },
  );

  it.each([STEP_MS + 1, -STEP_MS - 1, 3_600_000, -3_600_000])("steps at once by %i ms", (by) => {
    const { course, step } = compareClocks(START, 1_000, 5_000_000, 5_000_000 + by);
    expect([step, instantOn(course, 1_000)]).toEqual([by, 5_000_000 + by]);
  });

  it("never goes backwards without a step, and never runs away from the other clock", () => {
    const look = fc.record({ after: fc.nat(20_000), drift: fc.integer({ min: -100, max: 100 }) });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 50 }), (looks) => {
        let [course, counter, last, drift] = [START, START.from, START.at, 0];
        for (const look of looks) {
          for (const part of [0.3, 0.9, 1]) {
            const instant = instantOn(course, counter + look.after * part);
            expect(instant).toBeGreaterThanOrEqual(last);
            last = instant;
          }
          counter += look.after;
          drift = Math.max(-STEP_MS / 2, Math.min(STEP_MS / 2, drift + look.drift));
          const shown = START.at + (counter - START.from) + drift;
          const compared = compareClocks(course, counter, instantOn(course, counter), shown);
          expect(compared.step).toBe(0);
          course = compared.course;
        }
      }),
    );
  });
});
