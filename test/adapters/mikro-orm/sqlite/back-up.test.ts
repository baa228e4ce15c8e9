import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { backUpSqlite, openDatabase } from "../../../../src/adapters/mikro-orm/index.ts";
import { keyDraft } from "../../../../src/testing/storage.ts";
import { testSealing } from "../../../situations/sealing.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const secretOf = (n: number) => `made-up-secret-${String(n).padStart(17, "0")}`;

function place() {
  const folder = temporaryFolder();
  const path = `${folder}/keys.db`;
  return { folder, path, url: { kind: "sqlite", path, name: `sqlite:${path}` } as const };
}

async function opened(path: string) {
  const database = await openDatabase({ url: `sqlite:${path}`, sealing: testSealing() });
  onTestFinished(() => database.close());
  return database;
}

it("has what was committed, also while others are written, and its secrets stay sealed", async () => {
  const { folder, path, url } = place();
  const database = await opened(path);
  const add = (n: number) => database.keys.add(keyDraft({ secret: secretOf(n) }), null);
  for (let n = 0; n < 50; n++) await add(n);
  const later = Array.from({ length: 200 }, (_, n) => add(100 + n));
  const { keys, bytes } = await backUpSqlite(url, `${folder}/copy.db`);
  await Promise.all(later);
  expect(keys).toBeGreaterThanOrEqual(50);
  expect(bytes).toBe(statSync(`${folder}/copy.db`).size);
  expect(readFileSync(`${folder}/copy.db`).includes(secretOf(1))).toBe(false);
  const copy = await opened(`${folder}/copy.db`);
  expect(await copy.keys.findBySecret("speech", secretOf(49))).toMatchObject({ id: 50 });
});

it("is for its owner alone, and needs nothing beside it", async () => {
  const { folder, path, url } = place();
  await opened(path);
  const before = readdirSync(folder);
  await backUpSqlite(url, `${folder}/copy.db`);
  expect(readdirSync(folder)).toEqual(["copy.db", ...before]);
  expect(statSync(`${folder}/copy.db`).mode & 0o777).toBe(0o600);
});

it("takes nobody's place", async () => {
  const { folder, path, url } = place();
  await opened(path);
  writeFileSync(`${folder}/copy.db`, "somebody's");
  await expect(backUpSqlite(url, `${folder}/copy.db`)).rejects.toThrow("exists already");
  expect(readFileSync(`${folder}/copy.db`, "utf8")).toBe("somebody's");
});

it("leaves nothing where it fails", async () => {
  const { folder, url } = place();
  await expect(backUpSqlite(url, `${folder}/copy.db`)).rejects.toThrow("there is no sqlite:");
  writeFileSync(url.path, "");
  await expect(backUpSqlite(url, `${folder}/copy.db`)).rejects.toThrow("no such table: keys");
  expect(existsSync(`${folder}/copy.db`)).toBe(false);
});
