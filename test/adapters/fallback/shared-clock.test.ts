import { describe, expect, it } from "vitest";
import { SharedClock } from "../../../src/adapters/fallback/index.ts";
import { ManualClock } from "../../../src/adapters/in-memory/index.ts";

const HOUR = 3_600_000;

/** A process on a machine whose clock is `aheadMs` before the one of the shared store. */
function open(aheadMs: number) {
  const store = new ManualClock();
  const own = new ManualClock(store.now() + aheadMs);
  const clock = new SharedClock(own);
  const steps: number[] = [];
  clock.onStep((ms) => steps.push(ms));
  const pass = (ms: number) => {
    own.advance(ms);
    store.advance(ms);
  };
  /** An answer that is on its way for so long, there and back. */
  const hear = (thereMs = 0, backMs = 0) => {
    const agree = clock.ask();
    pass(thereMs);
    const at = store.now();
    pass(backMs);
    agree(at);
  };
  return { store, own, clock, steps, pass, hear };
}

describe("the shared clock", () => {
  it("is this process' own until the store has answered, and steps with it", () => {
    const { own, clock, steps, pass } = open(HOUR);
    expect(clock.now()).toBe(own.now());
    pass(500);
    expect(clock.now()).toBe(own.now());
    own.set(own.now() - HOUR);
    expect([clock.now(), steps]).toEqual([own.now(), [-HOUR]]);
  });

  it.each([HOUR, -HOUR])(
    "jumps to the store's clock with the first answer, be its own %i ms ahead",
    (aheadMs) => {
      const { store, clock, steps, hear, pass } = open(aheadMs);
      hear();
      expect([clock.now(), steps]).toEqual([store.now(), [-aheadMs]]);
      pass(10_000);
      expect(clock.now()).toBe(store.now());
    },
  );

  it("goes by the store's clock whatever becomes of its own", () => {
    const { store, own, clock, steps, hear, pass } = open(0);
    hear();
    for (const by of [HOUR, -2 * HOUR]) {
      own.set(own.now() + by);
      expect(clock.now()).toBe(store.now());
      pass(1_000);
      hear();
      expect(clock.now()).toBe(store.now());
    }
    expect(steps).toEqual([]);
  });

  it.each([
    [0, 0],
    [0, 30_000],
    [30_000, 0],
    [750, 750],
  ])("takes no late answer for a step (%i ms there, %i ms back)", (there, back) => {
    const { store, clock, steps, hear } = open(0);
    for (let n = 0; n < 5; n++) hear(there, back);
    expect([clock.now(), steps]).toEqual([store.now(), []]);
  });

  it("takes no answer for a step that comes after younger ones", () => {
    const { store, clock, steps, hear, pass } = open(300);
    const agree = clock.ask();
    const at = store.now() + 300;
    pass(5_000);
    hear();
    pass(5_000);
    agree(at);
    expect(steps).toEqual([]);
  });

  it.each([HOUR, -HOUR, 501, -501])("steps with the store's clock, by %i ms, and says so", (by) => {
    const { store, clock, steps, hear, pass } = open(0);
    hear(10, 10);
    store.set(store.now() + by);
    pass(1_000);
    const late = clock.ask();
    const before = store.now() - by;
    hear();
    expect([clock.now(), steps]).toEqual([store.now(), [by]]);
    // An answer from before says nothing any more.
    late(before);
    expect([clock.now(), steps]).toEqual([store.now(), [by]]);
  });

  it.each([400, -400])("takes in a small difference (%i ms) without going backwards", (aheadMs) => {
    const { store, clock, steps, hear, pass } = open(aheadMs);
    let last = clock.now();
    for (let n = 0; n < 1_000; n++) {
      pass(100);
      hear();
      expect(clock.now()).toBeGreaterThanOrEqual(last);
      last = clock.now();
    }
    expect(Math.abs(clock.now() - store.now())).toBeLessThan(5);
    expect(steps).toEqual([]);
  });

  it("goes by a clock that never steps, too", () => {
    const store = new ManualClock();
    const clock = new SharedClock({ now: () => store.now() + HOUR });
    clock.ask()(store.now());
    expect(clock.now()).toBe(store.now());
  });
});
