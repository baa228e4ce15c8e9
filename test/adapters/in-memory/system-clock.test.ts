import { describe, expect, it } from "vitest";
import { ManualClock, SystemClock } from "../../../src/adapters/in-memory/index.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);

/** A machine whose time and clock a test controls. */
function openMachine() {
  let [wall, monotonic, looks] = [START, 77.25, 0];
  const clock = new SystemClock({
    wall: () => {
      looks++;
      return wall;
    },
    monotonic: () => monotonic,
  });
  const steps: number[] = [];
  clock.onStep((ms) => steps.push(ms));
  return {
    clock,
    steps,
    looks: () => looks,
    /** `ms` pass; the machine's clock moves by `wallMs`. */
    pass: (ms: number, wallMs = ms) => {
      monotonic += ms;
      wall += wallMs;
    },
    set: (by: number) => {
      wall += by;
    },
  };
}

describe("the system clock", () => {
  it("answers whole milliseconds of the machine's clock", () => {
    const { clock, pass, steps } = openMachine();
    expect(clock.now()).toBe(START);
    for (let n = 1; n <= 100; n++) {
      pass(99);
      expect(clock.now()).toBe(START + 99 * n);
    }
    expect(steps).toEqual([]);
  });

  it("looks at the machine's clock a few times a second, however often it is asked", () => {
    const { clock, pass, looks } = openMachine();
    const before = looks();
    for (let n = 0; n < 10_000; n++) {
      pass(0.1);
      clock.now();
    }
    expect(looks() - before).toBeLessThanOrEqual(4);
  });

  it.each([HOUR, -HOUR, 501, -501])(
    "jumps along when the machine's clock is set by %i ms, and says so",
    (by) => {
      const { clock, steps, pass, set } = openMachine();
      pass(10_000);
      clock.now();
      set(by);
      pass(300);
      expect(clock.now()).toBe(START + 10_300 + by);
      expect(steps).toEqual([by]);
      pass(300);
      expect([clock.now(), steps.length]).toEqual([START + 10_600 + by, 1]);
    },
  );

  it("is right again soon after the machine's clock was wrong for a while", () => {
    const { clock, steps, pass, set } = openMachine();
    set(HOUR);
    pass(1_000);
    expect(clock.now()).toBe(START + HOUR + 1_000);
    set(-HOUR);
    pass(1_000);
    expect(clock.now()).toBe(START + 2_000);
    expect(steps).toEqual([HOUR, -HOUR]);
  });

  it("shows the new instant to those who hear of a step", () => {
    const { clock, pass, set } = openMachine();
    const seen: number[] = [];
    clock.onStep(() => seen.push(clock.now()));
    set(HOUR);
    pass(300);
    clock.now();
    expect(seen).toEqual([START + HOUR + 300]);
  });

  it.each([1.0005, 0.9995])(
    "takes in a drift of the counter (× %f) without a step, never going backwards",
    (rate) => {
      const { clock, steps, pass } = openMachine();
      let [last, wall] = [clock.now(), START];
      for (let second = 0; second < 3_600; second++) {
        pass(1_000, 1_000 * rate);
        wall += 1_000 * rate;
        const now = clock.now();
        expect(now).toBeGreaterThanOrEqual(last);
        expect(Math.abs(now - wall)).toBeLessThan(20);
        last = now;
      }
      expect(steps).toEqual([]);
    },
  );

  it("takes a process that is suspended between its readings for no step", () => {
    let [wall, monotonic] = [START, 0];
    const clock = new SystemClock({
      wall: () => {
        wall += 5_000;
        monotonic += 5_000;
        return wall;
      },
      monotonic: () => monotonic,
    });
    const steps: number[] = [];
    clock.onStep((ms) => steps.push(ms));
    monotonic += 300;
    wall += 300;
    clock.now();
    expect(steps).toEqual([]);
  });

  it("runs on the real sources by itself", () => {
    const before = Date.now();
    const clock = new SystemClock();
    expect(clock.now()).toBeGreaterThanOrEqual(before - 1);
    expect(Number.isInteger(clock.now())).toBe(true);
  });
});

describe("the manual clock", () => {
  it("notifies of being set, not of time that passes", () => {
    const clock = new ManualClock(START);
    const steps: number[] = [];
    clock.onStep((ms) => steps.push(ms));
    clock.advance(10);
    clock.set(START + HOUR);
    clock.set(START);
    clock.set(START);
    expect([clock.now(), steps]).toEqual([START, [HOUR - 10, -HOUR]]);
  });
});
