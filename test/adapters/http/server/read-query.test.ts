import { expect, it } from "vitest";
import { rememberQueries } from "../../../../src/adapters/http/server/read-query.ts";

function counting(capacity?: number) {
  const read: string[] = [];
  const remembered = rememberQueries((query) => {
    read.push(query);
    return { query };
  }, capacity);
  return { read, remembered };
}

it("reads a query that comes again only once", () => {
  const { read, remembered } = counting();
  for (const query of ["a=1", "a=2", "a=1", "a=2"]) expect(remembered(query)).toEqual({ query });
  expect(read).toEqual(["a=1", "a=2"]);
});

it("keeps no more queries than it has room for, and answers right all the same", () => {
  const { read, remembered } = counting(2);
  for (const query of ["a", "b", "c", "a", "c"]) expect(remembered(query)).toEqual({ query });
  expect(read).toEqual(["a", "b", "c", "a"]);
});

it("does not keep long queries", () => {
  const { read, remembered } = counting();
  const long = "x".repeat(201);
  for (let time = 0; time < 2; time++) expect(remembered(long)).toEqual({ query: long });
  expect(read).toEqual([long, long]);
});
