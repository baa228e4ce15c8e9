import { describe, expect, it } from "vitest";
import { parseUpload } from "../../../src/adapters/http/upload-parser.ts";
import { secretOf } from "./open-api.ts";

const keys = Array.from({ length: 25_000 }, (_, n) => ({ key: secretOf(n), region: "eastasia", tag: "金" }));
const options = { validateBeforeCreate: false };
const bytes = (body: unknown) => Buffer.from(typeof body === "string" ? body : JSON.stringify(body));

describe("a large upload", () => {
  it.each<[string, unknown]>([
    ["an object", { jsonData: { type: "speech", keys, options }, options }],
    ["a bare array", { jsonData: keys }],
    ["no rows", { jsonData: "x".repeat(1_500_000) }],
    ["rows elsewhere", { keys, jsonData: { keys: "x" } }],
    ["an array itself", keys],
    ["null with blanks", `null${" ".repeat(1_500_000)}`],
  ])("that is %s arrives as it was sent", async (_, body) => {
    expect(bytes(body).length).toBeGreaterThan(1_000_000);
    const sent = typeof body === "string" ? null : body;
    expect(await parseUpload(bytes(body))).toEqual(sent);
  });

  it("whose file is a text arrives opened", async () => {
    const file = { type: "speech", keys };
    expect(await parseUpload(bytes({ jsonData: JSON.stringify(file) }))).toEqual({ jsonData: file });
  });

  it.each([
    ["broken", `{"jsonData":[${"0,".repeat(1_000_000)}`],
    ["nested too deep", `{"jsonData":[${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}]}`],
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
});
