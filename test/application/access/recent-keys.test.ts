import { describe, expect, it } from "vitest";
import { RecentKeys } from "../../../src/application/access/recent-keys.ts";

/** Takes them out one after the other, the oldest first. */
function timesOf(keys: RecentKeys): readonly number[] {
  const times: number[] = [];
  for (let { oldest } = keys; oldest !== undefined; { oldest } = keys) {
    times.push(oldest);
    keys.deleteOldest();
  }
  return times;
}

function noted(...notes: readonly (readonly [id: number, at: number])[]): RecentKeys {
  const keys = new RecentKeys();
  for (const [id, at] of notes) keys.note(id, at);
  return keys;
}

describe("keys that were noted", () => {
  it("are known with their last time, each once", () => {
    const keys = noted([7, 1], [8, 2], [7, 3]);
    expect([keys.size, keys.timeOf(7), keys.timeOf(8), keys.timeOf(9)]).toEqual([2, 3, 2, undefined]);
    expect([keys.has(7), keys.has(9)]).toEqual([true, false]);
  });

  it("go behind all others when they are noted again", () => {
    expect(timesOf(noted([1, 10], [2, 20], [3, 30], [1, 40], [3, 50]))).toEqual([20, 40, 50]);
  });

  it("stay in the order in which they were noted, also when the clock was set back", () => {
    expect(timesOf(noted([1, 90], [2, 20], [3, 30]))).toEqual([90, 20, 30]);
  });

  it("leave room for others when they are deleted, wherever they stood", () => {
    for (const gone of [1, 2, 3]) {
      const keys = noted([1, 10], [2, 20], [3, 30]);
      keys.delete(gone);
      keys.delete(gone);
      keys.note(4, 40);
      keys.note(5, 50);
      expect(keys.has(gone)).toBe(false);
      expect(timesOf(keys)).toEqual([10, 20, 30, 40, 50].filter((at) => at !== gone * 10));
    }
  });

  it("begin anew after the last has gone", () => {
    const keys = noted([1, 10]);
    keys.deleteOldest();
    keys.deleteOldest();
    expect([keys.size, keys.oldest, keys.timeOf(1)]).toEqual([0, undefined, undefined]);
    keys.note(1, 20);
    expect(timesOf(keys)).toEqual([20]);
  });

  it("are remembered as a map would, whatever happens to them", () => {
    const keys = new RecentKeys();
    const model = new Map<number, number>();
    let random = 7;
    for (let at = 0; at < 2000; at++) {
      random = (random * 48271) % 2147483647;
      const id = random % 40;
      if (random % 3 === 0) keys.delete(id);
      else keys.note(id, at + 0.25);
      model.delete(id);
      if (random % 3 !== 0) model.set(id, at + 0.25);
      const [oldest] = model.values();
      expect([keys.size, keys.oldest, keys.timeOf(id)]).toEqual([model.size, oldest, model.get(id)]);
    }
    expect(timesOf(keys)).toEqual([...model.values()]);
  });
});
