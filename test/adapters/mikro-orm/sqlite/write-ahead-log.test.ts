import { statSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../../../src/adapters/mikro-orm/open-database.ts";
import { logDraft } from "../../../../src/testing/storage.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { ChildDatabase } from "./child-database.ts";

const MEGABYTE = 2 ** 20;

it("moves the write-ahead log into the file while writes go on, and never lets it grow past its cap", async () => {
  const file = `${temporaryFolder()}/keys.db`;
  const database = await openDatabase({ url: `sqlite:${file}` });
  onTestFinished(() => database.close());
  const emptySize = statSync(file).size;
  let longest = 0;
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 1000 }, () => database.log.append(logDraft({ note: "x".repeat(1600) }))),
    );
    longest = Math.max(longest, statSync(`${file}-wal`).size);
  }
  // Without a cap it is 40 MB long. While the background is at it, the writer cannot hold to 16 MB itself.
  expect(longest).toBeLessThan(32 * MEGABYTE);
  expect(statSync(file).size).toBeGreaterThan(emptySize + 5 * MEGABYTE);
});

it("does not keep a process alive that has forgotten to close", async () => {
  const child = new ChildDatabase(`sqlite:${temporaryFolder()}/keys.db`, "forget");
  expect(await child.ended()).toBe(0);
  expect(child.lines).toEqual(["open", "listed 6000"]);
});
