import { expect, it } from "vitest";
import { FailedAttempts } from "../../../../src/adapters/http/server/failed-attempts.ts";

const retryAfter = (attempts: FailedAttempts, address: string, now: number) =>
  attempts.note(address, now).retryAfterSeconds;

it("ten in a minute are looked at, and others when the minute is over", () => {
  const attempts = new FailedAttempts();
  for (let n = 0; n < 10; n++)
    expect(attempts.note("a", n)).toEqual({ isFirst: n === 0, retryAfterSeconds: 0 });
  expect(retryAfter(attempts, "a", 1000)).toBe(59);
  expect(retryAfter(attempts, "b", 1000)).toBe(0);
  expect(retryAfter(attempts, "a", 59_999)).toBe(1);
  expect(attempts.note("a", 60_000)).toEqual({ isFirst: true, retryAfterSeconds: 0 });
});

it("of 10,000 addresses the one whose minute began first is forgotten for another", () => {
  const attempts = new FailedAttempts();
  for (let n = 0; n < 11; n++) for (const address of ["first", "second"]) attempts.note(address, 0);
  for (let n = 0; n < 9_999; n++) attempts.note(`other ${n}`, 0);
  expect(retryAfter(attempts, "second", 0)).toBe(60);
  expect(retryAfter(attempts, "first", 0)).toBe(0);
});

it("a clock that was set back keeps nobody out for long", () => {
  const attempts = new FailedAttempts();
  for (let n = 0; n < 11; n++) attempts.note("a", 3_600_000);
  expect(retryAfter(attempts, "a", 0)).toBe(0);
});
