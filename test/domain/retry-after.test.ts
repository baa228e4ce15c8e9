import { describe, expect, it } from "vitest";
import { parseRetryAfter } from "../../src/domain/index.ts";

describe("Retry-After", () => {
  const now = Date.UTC(2025, 0, 1, 12, 0, 0);

  it.each([
    ["7", 7],
    [" 0 ", 0],
    ["99999999999", 31 * 86_400],
    ["Wed, 01 Jan 2025 12:00:30 GMT", 30],
    ["Wed, 01 Jan 2025 11:00:00 GMT", 0],
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
