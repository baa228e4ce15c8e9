import fc from "fast-check";
import { expect, it } from "vitest";
import { isoTime, rememberIsoTime } from "../../../../src/adapters/http/server/iso-time.ts";

const END = 8.64e15;

it("an instant is written as a date writes it, in any year and to the millisecond", () => {
  const near = fc.integer({ min: 1_600_000_000_000, max: 2_100_000_000_000 });
  const any = fc.oneof(
    near,
    fc.integer({ min: -END, max: END }),
    fc.double({ min: -END, max: END, noNaN: true }),
  );
  fc.assert(
    fc.property(any, (at) => {
      expect(isoTime(at)).toBe(new Date(at).toISOString());
    }),
    { numRuns: 3_000 },
  );
});

it("the first and the last instant of a day are of that day", () => {
  expect(isoTime(Date.UTC(2024, 1, 29))).toBe("2024-02-29T00:00:00.000Z");
  expect(isoTime(Date.UTC(2024, 2, 1) - 1)).toBe("2024-02-29T23:59:59.999Z");
  expect(isoTime(-1)).toBe("1969-12-31T23:59:59.999Z");
});

it.each([Number.NaN, Infinity, END + 1, -END - 1, 2 * END, -2 * END])("%s is no instant", (at) => {
  expect(isoTime(END)).toBe("+275760-09-13T00:00:00.000Z");
  expect(() => isoTime(at)).toThrow(RangeError);
});

it("what is remembered is the text of the instant that is asked for", () => {
  const timeOf = rememberIsoTime();
  for (const at of [0, 0, 1, 0, END]) expect(timeOf(at)).toBe(isoTime(at));
  expect(() => timeOf(END + 1)).toThrow(RangeError);
  expect(timeOf(END)).toBe(isoTime(END));
});
