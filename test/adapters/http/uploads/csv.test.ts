import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CsvFault, readCsv } from "../../../../src/adapters/http/uploads/csv.ts";
import { anyCharacter } from "../../../situations/any-character.ts";

const MOST_FIELDS = 6;
const recordsOf = (text: string) => Array.from(readCsv(text, MOST_FIELDS), ({ fields }) => fields);
const faultOf = (text: string) => {
  try {
    recordsOf(text);
  } catch (error) {
    if (error instanceof CsvFault) return error.message;
    throw error;
  }
  return undefined;
};

describe("RFC 4180", () => {
  it.each<[rule: string, text: string, records: readonly (readonly string[])[]]>([
    [
      "1: each record is on a line of its own",
      "aaa,bbb\r\nzzz,yyy\r\n",
      [
        ["aaa", "bbb"],
        ["zzz", "yyy"],
      ],
    ],
    [
      "2: the last line may have no end",
      "aaa,bbb\r\nzzz,yyy",
      [
        ["aaa", "bbb"],
        ["zzz", "yyy"],
      ],
    ],
    ["4: blanks are part of a field", " aaa , b b\t", [[" aaa ", " b b\t"]]],
    [
      "4: fields may be empty, the first and the last as well",
      ",b,\r\n,\r\n",
      [
        ["", "b", ""],
        ["", ""],
      ],
    ],
    ["5: fields may be in quotes", '"aaa",bbb,""\r\n', [["aaa", "bbb", ""]]],
    [
      "6: commas and line breaks may stand in quotes",
      '"a,a","b\r\nb\nb"\r\nz',
      [["a,a", "b\r\nb\nb"], ["z"]],
    ],
    ["7: two quotes in quotes are one", '"a""a","""","""a"""', [['a"a', '"', '"a"']]],
  ])("%s", (_, text, records) => {
    expect(recordsOf(text)).toEqual(records);
  });

  it("gives back whatever was written", () => {
    const field = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.constantFrom('"', ",", "\r\n", "\n", '","', ""),
    );
    const record = fc
      .record({
        bare: fc.stringMatching(/^[^",\r\n]+$/),
        more: fc.array(field, { maxLength: MOST_FIELDS - 1 }),
      })
      .map(({ bare, more }) => [bare, ...more]);
    fc.assert(
      fc.property(fc.array(record), fc.constantFrom("\r\n", "\n", "\r"), (records, lineEnd) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const lines = records.map(([first, ...more]) => [first, ...more.map(quoted)].join(","));
        expect(recordsOf(lines.join(lineEnd))).toEqual(records);
      }),
    );
  });
});

it("passes over lines without anything in them", () => {
  expect(recordsOf("\r\n\na\n\n\nb\r\n\r\n")).toEqual([["a"], ["b"]]);
  expect(recordsOf("")).toEqual([]);
});

it("says in which line each record begins", () => {
  const lines = Array.from(readCsv('a\r\n"b\nb"\r\rc', MOST_FIELDS), ({ line }) => line);
  expect(lines).toEqual([1, 2, 5]);
});

it.each([
  ['a\n"b', "a quoted field that begins in line 2 has no end"],
  ['a,"b""\nc', "a quoted field that begins in line 1 has no end"],
  ['"a"b', "line 1 has a quote within a field"],
  ['a\n"b\nb" ,c', "line 3 has a quote within a field"],
  ['a"b"', "line 1 has a quote within a field"],
  [`a\n${",".repeat(MOST_FIELDS)}`, "line 2 has more than 6 fields"],
])("refuses %j with the line, and without a word of it", (text, message) => {
  expect(faultOf(text)).toBe(message);
});

it("reads a field that fills the whole of a large text", () => {
  const most = "x".repeat(32_000_000);
  expect(recordsOf(most)[0]?.[0]).toHaveLength(most.length);
  expect(recordsOf(`"${most}"`)[0]?.[0]).toHaveLength(most.length);
});
