import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { InTime } from "../../../../src/adapters/http/server/turns.ts";

describe("acts in a millisecond", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("are so many, in the order in which they came, and at once where there have been none", () => {
    const done: number[] = [];
    const inTime = new InTime(2, 10);
    const run = (n: number) => inTime.run(() => done.push(n) > 0);
    for (let n = 0; n < 5; n++) run(n);
    expect(done).toEqual([0, 1]);
    vi.advanceTimersByTime(1);
    expect(done).toEqual([0, 1, 2, 3]);
    run(5);
    vi.advanceTimersByTime(1);
    expect(done).toEqual([0, 1, 2, 3, 4, 5]);
    vi.advanceTimersByTime(10);
    expect(vi.getTimerCount()).toBe(0);
    for (const n of [6, 7, 8]) run(n);
    expect(done.at(-1)).toBe(7);
  });

  it("leave out what has come to nothing", () => {
    const done: number[] = [];
    const inTime = new InTime(1, 10);
    for (let n = 0; n < 4; n++) inTime.run(() => n % 3 === 0 && done.push(n) > 0);
    expect(done).toEqual([0]);
    vi.advanceTimersByTime(1);
    expect(done).toEqual([0, 3]);
  });

  it("go on behind one that throws", () => {
    const done: number[] = [];
    const inTime = new InTime(1, 10);
    inTime.run(() => done.push(0) > 0);
    inTime.run(() => {
      throw new Error("This one cannot be done");
    });
    inTime.run(() => done.push(2) > 0);
    expect(() => vi.advanceTimersByTime(1)).toThrow("This one cannot be done");
    vi.advanceTimersByTime(1);
    expect(done).toEqual([0, 2]);
  });

  it("are refused when too many wait already", () => {
    const done: number[] = [];
    const inTime = new InTime(1, 2);
    const run = (n: number) => inTime.run(() => done.push(n) > 0);
    expect([1, 2, 3, 4].map(run)).toEqual([true, true, true, false]);
    vi.advanceTimersByTime(10);
    expect(done).toEqual([1, 2, 3]);
  });
});
