import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { SecretSearch } from "./secret-search.ts";

const HEX = "9f86d081884c7d659a2feaa0c55ad015";
const LONG = "7Tq9XbZ2LmKc4RvW8NpYd3HgJs6FtE1uQaBoPiCxVyDzGwMnUeSrIhOlTkAjLf5B0Q7wZx3Cv2Kb9Nm4Rt6Y";
const ODD = `p?a>s~s/w"o\\r%d&1+2=3{4}5`;
const search = new SecretSearch([
  { name: "hex", text: HEX },
  { name: "long", text: LONG },
  { name: "odd", text: ODD },
]);

const formsIn = (bytes: Uint8Array | string) => search.in(bytes).map(({ name, form }) => `${name} ${form}`);
const within = (bytes: Uint8Array, before = 7) =>
  Buffer.concat([Buffer.alloc(before, 0xff), bytes, Buffer.alloc(5, 0x80)]);
const escaped = (text: string, of: (code: string) => string) =>
  [...text].map((each) => of(each.charCodeAt(0).toString(16).padStart(2, "0"))).join("");

describe("a search for secrets finds", () => {
  const bigEndian = (text: string) => Buffer.from(text, "utf16le").swap16();

  it.each([
    ["hex plain", HEX],
    ["hex plain", HEX.toUpperCase()],
    ["long plain", `{"key":"${LONG}"}`],
    ["long plain", LONG.toLowerCase()],
    ["odd plain", ODD],
    ["hex plain", within(Buffer.from(HEX))],
    ["hex plain", within(Buffer.from(HEX.toUpperCase(), "utf16le"))],
    ["long plain", within(Buffer.from(LONG, "utf16le"), 8)],
    ["long plain", within(bigEndian(LONG))],
    ["hex plain", within(bigEndian(HEX), 8)],
    ["hex hexadecimal", Buffer.from(HEX).toString("hex")],
    ["long hexadecimal", `\\x${Buffer.from(LONG).toString("hex").toUpperCase()}`],
    ["hex URL-escaped", escaped(HEX, (code) => `%${code}`)],
    ["odd URL-escaped", encodeURIComponent(ODD)],
    ["odd JSON-escaped", JSON.stringify(ODD)],
    ["long JSON-escaped", escaped(LONG, (code) => `\\u00${code.toUpperCase()}`)],
  ])("%s", (form, bytes) => {
    expect(formsIn(bytes)).toContain(form);
  });

  it.each([
    [HEX, "hex"],
    [HEX.toUpperCase(), "hex"],
    [LONG, "long"],
    [LONG.toLowerCase(), "long"],
    [ODD, "odd"],
  ])("%s in base64 and base64url, at each offset and in longer texts", (text, name) => {
    for (const before of ["", "a", "ab", "abc", "abcd", "abcde"]) {
      for (const after of ["", "x", "xy", "xyz"]) {
        const bytes = Buffer.from(before + text + after);
        expect(formsIn(bytes.toString("base64"))).toContain(`${name} base64`);
        expect(formsIn(bytes.toString("base64url")).join()).toMatch(new RegExp(`${name} base64(url)?`));
      }
    }
    // Some of its pieces have a character that the two alphabets write differently.
    if (name === "odd") expect(formsIn(Buffer.from(text).toString("base64url"))).toContain("odd base64url");
  });

  it("a piece of one, wherever it was cut", () => {
    for (let at = 4; at + 15 <= HEX.length; at++)
      expect(formsIn(HEX.slice(at, at + 15))).toContain("hex plain");
    for (let at = 4; at + 15 <= LONG.length; at++) {
      expect(formsIn(LONG.slice(at, at + 15))).toContain("long plain");
    }
  });

  it("all of them in one pile, with what stands around", () => {
    const pile = `${"-".repeat(100_000)}${HEX.toUpperCase()} and ${Buffer.from(LONG).toString("base64")}`;
    expect(search.in(pile)).toEqual([
      { name: "hex", form: "plain", around: expect.stringContaining(HEX.toUpperCase()) },
      { name: "long", form: "base64", around: expect.any(String) },
    ]);
  });
});

describe("a search for secrets passes over", () => {
  it.each([
    ["what may be shown", `${HEX.slice(0, 4)}*** ${LONG.slice(0, 4)}***`],
    ["another secret", [...HEX].reverse().join("")],
    ["bytes by chance", deflateSync(Buffer.from(HEX + LONG))],
    ["nothing", ""],
  ])("%s", (_, bytes) => {
    expect(formsIn(bytes)).toEqual([]);
  });
});

it("a secret that could be there by chance is none that can be sought", () => {
  expect(() => new SecretSearch([{ name: "short", text: "short-secret" }])).toThrow(RangeError);
});
