import { spawnSync } from "node:child_process";
import { chmodSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
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

it("refuses a second owner in the same process, under whatever name, and leaves the first alone", async () => {
  const folder = temporaryFolder();
  const first = await open(`sqlite:${folder}/keys.db`);
  await expect(openDatabase({ url: `sqlite:${folder}/keys.db` })).rejects.toMatchObject(IN_USE);
  symlinkSync(`${folder}/keys.db`, `${folder}/alias.db`);
  await expect(openDatabase({ url: `sqlite:${folder}/./alias.db` })).rejects.toMatchObject(IN_USE);
  await first.keys.add(keyDraft(), null);
});

it("refuses a second owner in another process and says why, also after one in this process was refused", async () => {
  const url = `sqlite:${temporaryFolder()}/keys.db`;
  await open(url);
  await expect(openDatabase({ url })).rejects.toMatchObject(IN_USE);
  const child = new ChildDatabase(url, "hold");
  await child.printed(1);
  expect(child.lines[0]).toMatch(/^failed in_use .*keys\.db is in use: .* one owner/);
});

it("releases the file when it closes", async () => {
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

describe("what the owner's files let others do", () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

  it("is nothing: neither file nor lock may be opened, nor the folder that is made for them", async () => {
    const folder = `${temporaryFolder()}/var/data`;
    await open(`sqlite:${folder}/keys.db`);
    expect([`${folder}/..`, folder].map(modeOf)).toEqual(["700", "700"]);
    for (const file of ["keys.db", "keys.db-wal", "keys.db-shm", "keys.db.lock"]) {
      expect({ file, mode: modeOf(`${folder}/${file}`) }).toEqual({ file, mode: "600" });
    }
  });

  it("is taken back where an older version's lock lets them read it", async () => {
    const folder = temporaryFolder();
    writeFileSync(`${folder}/keys.db.lock`, "", { mode: 0o644 });
    await open(`sqlite:${folder}/keys.db`);
    expect(modeOf(`${folder}/keys.db.lock`)).toBe("600");
  });

  it("is as before in a folder that was there, and of a database that was there", async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    writeFileSync(`${folder}/keys.db`, "", { mode: 0o640 });
    await open(`sqlite:${folder}/keys.db`);
    expect([folder, `${folder}/keys.db`].map(modeOf)).toEqual(["755", "640"]);
  });

  it.runIf(process.getuid?.() === 0)("is not to lock the owner out", async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const file = `${folder}/keys.db`;
    await (await openDatabase({ url: `sqlite:${file}` })).close();
    const stranger = spawnSync(process.execPath, ["-e", `require("node:fs").openSync("${file}.lock", "r")`], {
      uid: 65_534,
      gid: 65_534,
    });
    expect(stranger.stderr.toString()).toContain("EACCES");
  });
});
