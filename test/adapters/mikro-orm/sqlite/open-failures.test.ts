import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openDatabase } from "../../../../src/adapters/mikro-orm/open-database.ts";
import { openNative } from "../../../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { ChildDatabase } from "./child-database.ts";

const failed = (file: string, code: string, reason: string) =>
  expect(openDatabase({ url: `sqlite:${file}` })).rejects.toMatchObject({
    name: "DatabaseError",
    code,
    message: `sqlite:${file} ${reason}`,
  });

it("a folder in place of the file is refused in one line, and nothing is made in it or beside it", async () => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/keys.db`);
  await failed(`${folder}/keys.db`, "unusable", "cannot be used: it is not a file");
  expect(readdirSync(folder, { recursive: true })).toEqual(["keys.db"]);
});

it("a file that is no database is refused in one line", async () => {
  const file = `${temporaryFolder()}/keys.db`;
  writeFileSync(file, "id,key,region\n".repeat(1000));
  await failed(file, "unusable", "cannot be used: file is not a database");
});

it("a database of something else is refused in one line, and is free again", async () => {
  const file = `${temporaryFolder()}/keys.db`;
  const native = openNative(file, {});
  native.exec("create table keys (something integer)");
  native.close();
  await failed(file, "unusable", "cannot be used: table keys already exists");
  await failed(file, "unusable", "cannot be used: table keys already exists");
});

it("a path through a file is refused in one line", async () => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/data`, "");
  await failed(
    `${folder}/data/keys.db`,
    "unusable",
    `cannot be used: EEXIST: file already exists, mkdir '${folder}/data'`,
  );
});

it.each([
  ["a file that may only be read", 0o755, 0o444],
  ["a folder that may only be read", 0o555, undefined],
])("%s is refused in one line", async (_, folderMode, fileMode) => {
  const folder = temporaryFolder();
  const file = `${folder}/keys.db`;
  if (fileMode !== undefined) writeFileSync(file, "", { mode: fileMode });
  chmodSync(folder, folderMode);
  // Root may write everywhere.
  const child = new ChildDatabase(`sqlite:${file}`, "hold", process.getuid?.() === 0 ? NOBODY : {});
  await child.printed(1);
  expect(child.lines[0]).toMatch(
    new RegExp(`^failed refused sqlite:${file} does not open: EACCES: permission denied, .* '${file}'$`),
  );
});

const NOBODY = { uid: 65_534, gid: 65_534 };
