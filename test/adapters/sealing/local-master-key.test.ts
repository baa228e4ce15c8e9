import { expect, it } from "vitest";
import { LocalMasterKey } from "../../../src/adapters/sealing/index.ts";

const TEXT = Buffer.alloc(32, 0xfb).toString("base64");
const BYTES = Buffer.from("the keys of a database");

it("unwraps what it has wrapped, each time another text", async () => {
  const key = LocalMasterKey.parse(LocalMasterKey.generate(), "a test");
  const [one, two] = [await key.wrap(BYTES), await key.wrap(BYTES)];
  expect(Buffer.from(one)).not.toEqual(Buffer.from(two));
  for (const wrapped of [one, two]) {
    expect(Buffer.from(wrapped).includes(BYTES)).toBe(false);
    expect(await key.unwrap(wrapped)).toEqual(BYTES);
  }
});

it("is the key that its text says, wherever it is read", async () => {
  const wrapped = await LocalMasterKey.parse(TEXT, "a variable").wrap(BYTES);
  expect(await LocalMasterKey.parse(TEXT, "a file").unwrap(wrapped)).toEqual(BYTES);
});

it("does not unwrap what another key has wrapped", async () => {
  const wrapped = await LocalMasterKey.parse(TEXT, "one").wrap(BYTES);
  const other = LocalMasterKey.parse(LocalMasterKey.generate(), "other");
  expect(await other.unwrap(wrapped)).toBeUndefined();
});

it("does not unwrap bytes that were changed or cut", async () => {
  const key = LocalMasterKey.parse(TEXT, "a test");
  const wrapped = await key.wrap(BYTES);
  for (let at = 0; at < wrapped.length; at++) {
    const changed = Buffer.from(wrapped);
    changed[at] = (changed[at] as number) ^ 1;
    expect(await key.unwrap(changed), `byte ${at}`).toBeUndefined();
    expect(await key.unwrap(wrapped.subarray(0, at)), `${at} bytes`).toBeUndefined();
  }
});

it.each([
  ["nothing", ""],
  ["31 bytes", Buffer.alloc(31).toString("base64")],
  ["33 bytes", Buffer.alloc(33).toString("base64")],
  ["no padding", TEXT.slice(0, -1)],
  ["too much padding", `${TEXT}=`],
  ["the alphabet of URLs", TEXT.replaceAll("+", "-").replaceAll("/", "_")],
  ["a line end", `${TEXT}\n`],
  ["a space inside", `${TEXT.slice(0, 8)} ${TEXT.slice(8)}`],
  ["another sign inside", `${TEXT.slice(0, 8)}!${TEXT.slice(8)}`],
  ["bits beyond the last byte", `${TEXT.slice(0, -2)}t=`],
  ["hexadecimal digits", "ab".repeat(32)],
])("refuses a text with %s, and does not repeat it", (_, text) => {
  expect(Buffer.from(TEXT, "base64").toString("base64")).toBe(TEXT);
  expect(() => LocalMasterKey.parse(text, "a test")).toThrow(
    new TypeError("A master key is base64 of exactly 32 bytes"),
  );
});

it("shows its key to nobody who prints it", () => {
  const key = LocalMasterKey.parse(TEXT, "a test");
  expect(JSON.stringify(key)).toBe('{"name":"a test"}');
});
