import { expect, it } from "vitest";
import { hasLongList, LongList, piecesOf } from "../../../src/adapters/http/long-list.ts";

const double = (number: number) => ({ number, twice: 2 * number });

async function sentOf(value: object): Promise<string> {
  let sent = "";
  for await (const piece of piecesOf(value)) sent += piece;
  return sent;
}

it.each([0, 1, 499, 500, 501, 1000, 1001, 2345])(
  "sends the same JSON of %i items in pieces as at once",
  async (count) => {
    const items = Array.from({ length: count }, (_, n) => n);
    const body = {
      success: true,
      data: { total: count, results: new LongList(items, double), none: undefined, empty: {}, tags: ["a"] },
      message: 'with "quotes"',
    };
    const expected = { ...body, data: { ...body.data, results: items.map(double) } };
    expect(await sentOf(body)).toBe(JSON.stringify(expected));
    expect(JSON.stringify(body)).toBe(JSON.stringify(expected));
    expect(hasLongList(body)).toBe(count > 500);
  },
);

it("presents no more than has been asked for", async () => {
  let presented = 0;
  const items = Array.from({ length: 2000 }, (_, n) => n);
  const pieces = new LongList(items, () => presented++).pieces();
  expect(presented).toBe(500);
  for (const piece of ["[", "the first 500", "the next"])
    expect((await pieces.next()).value, piece).toBeTypeOf("string");
  expect(presented).toBe(1000);
});
