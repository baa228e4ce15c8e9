import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { scanFiles } from "../../../../src/adapters/mikro-orm/secrets/scan-files.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const SECRET = "made-up-secret-0001";
const CHUNK = 2 ** 20;

function fileWith(bytes: Buffer, at: number): string {
  const file = `${temporaryFolder()}/keys.db`;
  writeFileSync(file, Buffer.concat([Buffer.alloc(at, "x"), bytes, Buffer.alloc(99, "x")]));
  return file;
}

it.each([
  ["UTF-8", Buffer.from(SECRET)],
  ["UTF-16, low byte first", Buffer.from(SECRET, "utf16le")],
  ["UTF-16, high byte first", Buffer.from(SECRET, "utf16le").swap16()],
])("finds a text as %s wherever it is, also across two chunks", (_, bytes) => {
  for (const at of [0, 1, CHUNK - bytes.length, CHUNK - 1, CHUNK - 7, CHUNK, 2 * CHUNK - 3, 2 * CHUNK + 5]) {
    const file = fileWith(bytes, at);
    expect(scanFiles([file], ["another-made-up-secret", SECRET])).toBe(file);
  }
});

it("finds nothing in files that do not hold it, or are not there", () => {
  const file = fileWith(Buffer.from(SECRET.slice(0, -1)), CHUNK - 5);
  expect(scanFiles([`${file}-wal`, file], [SECRET])).toBeUndefined();
});
