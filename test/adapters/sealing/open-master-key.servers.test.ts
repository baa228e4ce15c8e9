import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import {
  createEnvelope,
  LocalMasterKey,
  MAKE_KEY,
  type MasterKeySource,
  newDatabaseId,
  openEnvelope,
  openMasterKey,
  type SealedDatabase,
} from "../../../src/adapters/sealing/index.ts";
import { temporaryFolder } from "../mikro-orm/temporary-folder.ts";

let home: string;
let data: string;
let ownFile: Extract<MasterKeySource, { kind: "own-file" }>;
let fresh: SealedDatabase & { readonly kind: "sqlite" };

beforeEach(() => {
  home = temporaryFolder();
  data = join(home, "data");
  mkdirSync(data);
  ownFile = { kind: "own-file", folder: join(home, ".config/azure-key-pool") };
  fresh = { kind: "sqlite", file: join(data, "keys.db"), id: newDatabaseId(), hasEnvelope: false };
});

it("makes a file at the first start of a SQLite database, and finds it at the next ones", async () => {
  const first = openMasterKey(ownFile, fresh);
  expect(first).toMatchObject({ madeFile: join(ownFile.folder, `${fresh.id}.key`), warnings: [] });
  const wrapped = await createEnvelope().wrap(first.masterKey);
  for (const hasEnvelope of [false, true]) {
    const later = openMasterKey(ownFile, { ...fresh, hasEnvelope });
    expect(later.madeFile).toBeUndefined();
    expect((await openEnvelope(later.masterKey, wrapped)).dataKeyIds).toEqual([1]);
  }
});

it("makes another file for another database", () => {
  openMasterKey(ownFile, fresh);
  openMasterKey(ownFile, { ...fresh, id: newDatabaseId() });
  expect(readdirSync(ownFile.folder)).toHaveLength(2);
});

it("makes no new key for a database whose key is gone", () => {
  const { madeFile } = openMasterKey(ownFile, fresh);
  rmSync(madeFile as string);
  expect(() => openMasterKey(ownFile, { ...fresh, hasEnvelope: true })).toThrow(
    expect.objectContaining({ code: "no_master_key", message: expect.stringContaining(madeFile as string) }),
  );
  expect(readdirSync(ownFile.folder)).toEqual([]);
});

it("never makes the file in the folder of the database, nor below it, nor where a link leads there", () => {
  symlinkSync(data, join(home, "link"));
  for (const folder of [data, join(data, ".config/azure-key-pool"), join(home, "link/azure-key-pool")]) {
    expect(() => openMasterKey({ kind: "own-file", folder }, fresh), folder).toThrow(
      expect.objectContaining({
        code: "unsafe_key_file",
        message: expect.stringContaining("MASTER_KEY_FILE"),
      }),
    );
  }
  expect(readdirSync(data)).toEqual([]);
});

it("makes it in a folder whose name only begins like the database's", () => {
  expect(openMasterKey({ kind: "own-file", folder: join(home, "data-keys") }, fresh).madeFile).toBeDefined();
  expect(openMasterKey({ kind: "own-file", folder: join(home, "..data") }, fresh).madeFile).toBeDefined();
});

it.each(["", "../../../tmp/x", "0123456789ABCDEF0123456789ABCDEF", `${"0".repeat(32)}\n`])(
  "takes no id from a database that it would not give: %j",
  (id) => {
    expect(() => openMasterKey(ownFile, { ...fresh, id })).toThrow(
      expect.objectContaining({ code: "bad_key_file" }),
    );
    expect(existsSync(ownFile.folder)).toBe(false);
  },
);

it("warns of a named file that others may read or that is kept with the database", () => {
  const path = join(data, "master.key");
  writeFileSync(path, LocalMasterKey.generate(), { mode: 0o644 });
  expect(openMasterKey({ kind: "named-file", path }, fresh).warnings).toEqual([
    `the master key in ${path} may be read by other users`,
    `the master key in ${path} is in the folder of the database: one backup takes both`,
  ]);
});

it("takes a named file elsewhere for any database without a word", () => {
  const path = join(home, "master.key");
  writeFileSync(path, LocalMasterKey.generate(), { mode: 0o600 });
  const { id, hasEnvelope } = fresh;
  for (const database of [fresh, { kind: "postgres", id, hasEnvelope } as const]) {
    const opened = openMasterKey({ kind: "named-file", path }, database);
    expect(opened).toMatchObject({ madeFile: undefined, warnings: [] });
    expect(opened.masterKey.name).toBe(path);
  }
});

it("takes a key that was given", () => {
  const masterKey = LocalMasterKey.parse(LocalMasterKey.generate(), "MASTER_KEY");
  expect(openMasterKey({ kind: "given", masterKey }, fresh).masterKey).toBe(masterKey);
  expect(existsSync(ownFile.folder)).toBe(false);
});

it("refuses PostgreSQL without a key, with a command that makes one", () => {
  const database = { kind: "postgres", id: newDatabaseId(), hasEnvelope: false } as const;
  expect(() => openMasterKey(ownFile, database)).toThrow(
    expect.objectContaining({ code: "no_master_key", message: expect.stringContaining(MAKE_KEY) }),
  );
  expect(existsSync(ownFile.folder)).toBe(false);
  const key = execFileSync("/bin/sh", ["-c", MAKE_KEY], { encoding: "utf8" }).trim();
  expect(() => LocalMasterKey.parse(key, "the command")).not.toThrow();
});

it("gives a database in memory a key that ends with it", async () => {
  const database = { kind: "memory", id: newDatabaseId(), hasEnvelope: false } as const;
  const [one, other] = [openMasterKey(ownFile, database), openMasterKey(ownFile, database)];
  expect(existsSync(ownFile.folder)).toBe(false);
  const wrapped = await createEnvelope().wrap(one.masterKey);
  await expect(openEnvelope(other.masterKey, wrapped)).rejects.toMatchObject({ code: "wrong_master_key" });
});
