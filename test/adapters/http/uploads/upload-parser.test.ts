import { describe, expect, it } from "vitest";
import { parseUpload } from "../../../../src/adapters/http/uploads/upload-parser.ts";
import { secretOf } from "../open-api.ts";

const keys = Array.from({ length: 14_000 }, (_, n) => ({ key: secretOf(n), region: "eastasia", tag: "金" }));
const options = { validateBeforeCreate: false };
const blanks = " ".repeat(1_500_000);
const bytes = (body: unknown) => Buffer.from(typeof body === "string" ? body : JSON.stringify(body));

describe("a large upload", () => {
  it.each<[string, unknown]>([
    ["an object", { type: "speech", jsonData: { type: "speech", keys, options }, options }],
    ["a bare array", { jsonData: keys }],
  ])("that is %s arrives as it was sent", async (_, body) => {
    expect(bytes(body).length).toBeGreaterThan(1_000_000);
    expect(await parseUpload(bytes(body))).toEqual(body);
  });

  it("whose file is a text arrives opened", async () => {
    const file = { type: "speech", keys };
    expect(await parseUpload(bytes({ jsonData: JSON.stringify(file) }))).toEqual({ jsonData: file });
  });

  it("may begin with a byte order mark, and so may the text in it", async () => {
    const body = { jsonData: `\uFEFF${JSON.stringify(keys)}` };
    expect(await parseUpload(bytes(`\uFEFF${JSON.stringify(body)}`))).toEqual({ jsonData: keys });
  });

  it("arrives without what no upload has", async () => {
    const row = { key: "k".repeat(2_000_000), region: { deep: [] }, keyname: [1, [2]], tag: 5, more: keys };
    const body = {
      jsonData: { type: null, keys: [row, "x".repeat(999), [1]], options: { a: [1] } },
      more: keys,
    };
    expect(await parseUpload(bytes(body))).toEqual({
      jsonData: {
        type: null,
        keys: [{ key: "k".repeat(300), region: {}, keyname: [], tag: 5 }, "x".repeat(300), []],
        options: { a: [] },
      },
    });
  });

  it.each<[string, unknown, unknown]>([
    ["a text that is no file", { jsonData: `[${JSON.stringify(keys[0])}]${blanks}x` }, { jsonData: "" }],
    ["rows elsewhere", { keys, jsonData: { keys: "x" } }, { jsonData: { keys: "x" } }],
    ["an array itself", keys, []],
    ["null with blanks", `null${blanks}`, null],
  ])("that is %s stays as wrong as it is", async (_, body, arrives) => {
    expect(await parseUpload(bytes(body))).toEqual(arrives);
  });

  it.each([
    ["broken", `{"jsonData":[${"0,".repeat(600_000)}`],
    ["broken at its end", `{"jsonData":${JSON.stringify(keys)}`],
  ])("that is %s is refused without a word of it", async (_, body) => {
    await expect(parseUpload(bytes(body))).rejects.toMatchObject({
      code: "invalid_request",
      message: "body: must be valid JSON",
    });
  });

  it("that is not UTF-8 is refused", async () => {
    const body = Buffer.concat([bytes(JSON.stringify({ jsonData: keys })), Buffer.from([0xff])]);
    await expect(parseUpload(body)).rejects.toMatchObject({ code: "invalid_request" });
  });

  it.each([
    ["objects", `{"jsonData":[${"{},".repeat(2_000_000)}{}]}`],
    ["objects in a text", JSON.stringify({ jsonData: `[${"{},".repeat(2_000_000)}{}]` })],
    ["objects beside the file", `{"x":[${"{},".repeat(2_000_000)}{}],"jsonData":[]}`],
    ["arrays in each other", `{"jsonData":${"[".repeat(2_000_000)}${"]".repeat(2_000_000)}}`],
  ])("of so many %s that they would fill the memory is refused", async (_, body) => {
    await expect(parseUpload(bytes(body))).rejects.toMatchObject({ code: "payload_too_large" });
  });

  it("of more rows than anybody has is refused with the field", async () => {
    const body = `{"jsonData":{"keys":[${"1234567,".repeat(200_000)}0]}}`;
    await expect(parseUpload(bytes(body))).rejects.toMatchObject({
      code: "invalid_request",
      problems: [{ field: "jsonData.keys", message: "must hold at most 200000 keys" }],
    });
  });

  it("does not keep the next from being parsed, however it ends", async () => {
    const broken = bytes(`{"jsonData":${blanks}`);
    const good = bytes({ jsonData: keys });
    const outcomes = await Promise.allSettled([broken, good, broken, good].map((sent) => parseUpload(sent)));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected", "fulfilled"]);
  });

  it("is not parsed for a caller who is gone when its turn comes", async () => {
    const gone = new AbortController();
    const first = parseUpload(bytes({ jsonData: keys }));
    const second = parseUpload(bytes({ jsonData: keys }), gone.signal);
    gone.abort(new Error("gone"));
    await expect(second).rejects.toThrow("gone");
    expect(await first).toEqual({ jsonData: keys });
  });
});
