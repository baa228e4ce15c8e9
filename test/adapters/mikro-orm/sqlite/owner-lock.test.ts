import { symlinkSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { type Database, openDatabase } from "../../../../src/adapters/mikro-orm/open-database.ts";
import { keyDraft } from "../../../../src/testing/storage.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { ChildDatabase } from "./child-database.ts";

const IN_USE = { name: "DatabaseError", code: "in_use" };

async function open(url: string): Promise<Database> {
  const database = await openDatabase({ url });
  onTestFinished(() => database.close());
  return database;
}

it("refuses a second owner in another process and says why", async () => {
  const url = `sqlite:${temporaryFolder()}/keys.db`;
  await open(url);
  const child = new ChildDatabase(url, "hold");
  await child.printed(1);
  expect(child.lines[0]).toMatch(/^failed in_use .*keys\.db is in use: .* one owner/);
});

it("refuses a second owner in the same process, under whatever name, and leaves the first alone", async () => {
  const folder = temporaryFolder();
  const first = await open(`sqlite:${folder}/keys.db`);
  await expect(openDatabase({ url: `sqlite:${folder}/keys.db` })).rejects.toMatchObject(IN_USE);
  symlinkSync(`${folder}/keys.db`, `${folder}/alias.db`);
  await expect(openDatabase({ url: `sqlite:${folder}/./alias.db` })).rejects.toMatchObject(IN_USE);
  await first.keys.add(keyDraft(), null);
});

it("gives the file free when it closes", async () => {
  const url = `sqlite:${temporaryFolder()}/keys.db`;
  await (await openDatabase({ url })).close();
  await open(url);
});

it("gives the file free when its process is killed", async () => {
  const url = `sqlite:${temporaryFolder()}/keys.db`;
  const child = new ChildDatabase(url, "hold");
  await child.printed(1);
  expect(child.lines).toEqual(["open"]);
  await expect(openDatabase({ url })).rejects.toMatchObject(IN_USE);
  await child.kill();
  await open(url);
});
