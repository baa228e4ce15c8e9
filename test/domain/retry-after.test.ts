import { describe, expect, it } from "vitest";
import { parseReportedRetryAfter, parseRetryAfter } from "../../src/domain/index.ts";
import { problemsOf } from "../situations/problems.ts";

describe("Retry-After", () => {
  const now = Date.UTC(2025, 0, 1, 12, 0, 0);

  it.each([
    ["7", 7],
    [" 0 ", 0],
    ["99999999999", 31 * 86_400],
    ["Wed, 01 Jan 2025 12:00:30 GMT", 30],
    ["Wed, 01 Jan 2025 11:00:00 GMT", 0],
    ["Wednesday, 01-Jan-25 12:00:30 GMT", 30],
    ["Wed Jan  1 12:00:30 2025", 30],
    ["-5", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
    [undefined, undefined],
  ])("%j is %j seconds", (header, seconds) => {
    expect(parseRetryAfter(header, now)).toBe(seconds);
  });
});

describe("Retry-After in a report", () => {
  it.each([
    [7, { kind: "delay", ms: 7000 }],
    ["7", { kind: "delay", ms: 7000 }],
    [0, { kind: "delay", ms: 0 }],
    [Number.MAX_SAFE_INTEGER, { kind: "delay", ms: 31 * 86_400_000 }],
    ["Wed, 01 Jan 2025 12:00:30 GMT", { kind: "date", at: Date.UTC(2025, 0, 1, 12, 0, 30) }],
    ["Wednesday, 01-Jan-25 12:00:30 GMT", { kind: "date", at: Date.UTC(2025, 0, 1, 12, 0, 30) }],
    ["Wed Jan  1 12:00:30 2025", { kind: "date", at: Date.UTC(2025, 0, 1, 12, 0, 30) }],
  ])("%j is %j", (value, read) => {
    expect(parseReportedRetryAfter(value)).toEqual(read);
  });

  it.each([
    -1,
    1.5,
    Number.NaN,
    "1.5",
    "-1",
    "",
    "soon",
    "Wed, 99 Foo 2025 GMT",
    "2025-01-01",
    true,
    [7],
    {},
  ])("%j is refused", (value) => {
    expect(problemsOf(() => parseReportedRetryAfter(value))).toEqual([
      { field: "retryAfter", message: "must be whole seconds from 0, or an HTTP date" },
    ]);
  });
});
