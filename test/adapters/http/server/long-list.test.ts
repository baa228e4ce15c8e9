import { expect, it } from "vitest";
import { hasLongList, LongList, piecesOf } from "../../../../src/adapters/http/server/long-list.ts";

const double = (number: number) => ({ number, twice: 2 * number });
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

async function sentOf(value: object): Promise<string> {
  let sent = "";
  for await (const piece of piecesOf(value)) sent += piece;
  return sent;
}

/** Numbers in pages of 500; `read` is how many pages were asked for, `ended` whether the reading has ended. */
function pagesOf(count: number) {
  const seen = { read: 0, ended: false };
  async function* pages() {
    try {
      for (let start = 0; start < count; start += 500) {
        seen.read += 1;
        yield numbers(count).slice(start, start + 500);
      }
    } finally {
      seen.ended = true;
    }
  }
  return { seen, pages: pages() };
}

const bodyWith = (results: unknown) => ({
  success: true,
  data: { total: 1, results, none: undefined, empty: {}, tags: ["a"] },
  message: 'with "quotes"',
});

it.each([0, 1, 499, 500, 501, 1000, 1001, 2345])("sends all of %i items", async (count) => {
  const expected = JSON.stringify(bodyWith(numbers(count).map(double)));
  const lists = [LongList.of(numbers(count), double), await LongList.reading(pagesOf(count).pages, double)];
  for (const list of lists) {
    const body = bodyWith(list);
    expect(hasLongList(body)).toBe(count > 500);
    if (count <= 500) expect(JSON.stringify(body)).toBe(expected);
    expect(await sentOf(body)).toBe(expected);
  }
});

it("presents no more than has been asked for", async () => {
  let presented = 0;
  const pieces = LongList.of(numbers(2000), () => presented++).pieces();
  expect(presented).toBe(500);
  for (const piece of ["[", "the first 500", "the next"])
    expect((await pieces.next()).value, piece).toBeTypeOf("string");
  expect(presented).toBe(1000);
});

it("reads no more than has been asked for, and ends the reading with the sending", async () => {
  const { pages, seen } = pagesOf(5000);
  const pieces = (await LongList.reading(pages, double)).pieces();
  expect(seen.read).toBe(2);
  for (let piece = 0; piece < 4; piece++) await pieces.next();
  expect(seen).toEqual({ read: 3, ended: false });
  await pieces.return(undefined);
  expect(seen).toEqual({ read: 3, ended: true });
});

it("rejects at once when the first page cannot be read or presented", async () => {
  const broken = async function* () {
    yield* [] as (readonly number[])[];
    throw new Error("no database");
  };
  await expect(LongList.reading(broken(), double)).rejects.toThrow("no database");
  const { pages } = pagesOf(10);
  const present = () => {
    throw new Error("odd row");
  };
  await expect(LongList.reading(pages, present)).rejects.toThrow("odd row");
});
