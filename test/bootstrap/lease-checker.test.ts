import { expect, it } from "vitest";
import { findOverLimit, type Hold, type LeaseHistory, RESTORED_MS } from "./lease-checker.ts";

const KEY = 7;

function hold(from: number, until: number, instance = 0): Hold {
  return { keyId: KEY, instance, askedAt: from - 1, from, until };
}

function found(holds: readonly Hold[], more: Partial<LeaseHistory> = {}): number {
  const limits = new Map([[KEY, 1]]);
  return findOverLimit({ holds, limits, apart: [], emptied: [], goneAt: new Map(), ...more }).length;
}

it("finds a lease that was given while another one ran", () => {
  expect(found([hold(10, 20), hold(15, 25, 1)])).toBe(1);
});

it("finds nothing where one lease ends as the next begins", () => {
  expect(found([hold(10, 20), hold(20, 30)])).toBe(0);
});

it("does not count what another instance gives while they are apart", () => {
  const apart = [{ from: 12, until: 30 }];
  expect(found([hold(10, 20), hold(15, 25, 1)], { apart })).toBe(0);
});

it("finds what one instance gives beyond the limit while they are apart", () => {
  const apart = [{ from: 5, until: 30 }];
  expect(found([hold(10, 20), hold(15, 25)], { apart })).toBe(1);
});

it("finds a lease that was given after instances were apart while another one ran", () => {
  const apart = [{ from: 5, until: 12 }];
  expect(found([hold(10, 20), hold(15, 25, 1)], { apart })).toBe(1);
});

it("does not count what a dead instance gave once Redis has lost it", () => {
  const emptied = [{ from: 12, until: 13 }];
  expect(found([hold(10, 20), hold(15, 25, 1)], { emptied, goneAt: new Map([[0, 11]]) })).toBe(0);
  expect(found([hold(10, 20), hold(15, 25, 1)], { emptied, goneAt: new Map([[0, 14]]) })).toBe(0);
});

it("counts what a dead instance gave while Redis has it, and what a living one gave when Redis has lost it", () => {
  expect(found([hold(10, 20), hold(15, 25, 1)], { goneAt: new Map([[0, 11]]) })).toBe(1);
  const emptied = [{ from: 12, until: 13 }];
  expect(found([hold(10, 20), hold(15, 25, 1)], { emptied })).toBe(1);
  const goneAt = new Map([[0, 14 + RESTORED_MS]]);
  expect(found([hold(10, 20), hold(15, 25, 1)], { emptied, goneAt })).toBe(1);
});
