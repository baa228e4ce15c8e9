import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { inspectDatabase, NO_CODE, openDatabase } from "../../../src/adapters/mikro-orm/index.ts";
import { keyDraft, logDraft, NOON } from "../../../src/testing/storage.ts";
import { accessToken } from "../../../src/testing/token-repository.ts";
import { execute, findPostgres, freshDatabase } from "../../servers/postgres-server.ts";
import { testSealing } from "../../situations/sealing.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const ALL = [
  "0001_first_tables",
  "0002_key_placement",
  "0003_tokens",
  "0004_sealing",
  "0005_audit",
  "0006_log_actor",
  "0007_key_limit",
];

async function inspected(url: string) {
  const database = await inspectDatabase(url);
  onTestFinished(() => database.close());
  return database;
}

/** Opened for good, with a key, a token and a log row in it. */
async function inUse(url: string) {
  const database = await openDatabase({ url, sealing: testSealing() });
  onTestFinished(() => database.close());
  await database.keys.add(keyDraft(), logDraft({ at: NOON }));
  await database.tokensUnder().add(accessToken());
  return database;
}

describe("a SQLite file", () => {
  it("is looked into while a process owns it", async () => {
    const file = `${temporaryFolder()}/keys.db`;
    await inUse(`sqlite:${file}`);
    const database = await inspected(`sqlite:${file}`);
    expect(database).toMatchObject({ file, pending: [], unknown: [], sealing: { stage: "sealed" } });
    expect(await database.lastLogAt()).toBe(NOON);
    expect(await database.regions()).toEqual([{ service: "speech", region: keyDraft().region }]);
    expect((await database.tokensUnder(NO_CODE).all()).tokens).toHaveLength(1);
    expect(await database.auditUnder(NO_CODE).verify()).toEqual({ intact: true, rows: 0 });
    expect(await database.clock()).toBeUndefined();
  });

  it("that nobody has open is as it was, with nothing left beside it", async () => {
    const folder = temporaryFolder();
    await (await openDatabase({ url: `sqlite:${folder}/keys.db`, sealing: testSealing() })).close();
    const before = readdirSync(folder);
    const bytes = readFileSync(`${folder}/keys.db`);
    const database = await inspectDatabase(`sqlite:${folder}/keys.db`);
    expect(await database.auditUnder(NO_CODE).verify()).toEqual({ intact: true, rows: 0 });
    await database.close();
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(`${folder}/keys.db`)).toEqual(bytes);
  });

  it("of an older version lacks what came later, and keeps lacking it", async () => {
    const file = `${temporaryFolder()}/old.db`;
    copyFileSync(new URL("../../fixtures/first-schema.db", import.meta.url), file);
    const before = readFileSync(file);
    const database = await inspected(`sqlite:${file}`);
    expect(database).toMatchObject({ pending: ALL.slice(1), sealing: undefined });
    expect(readFileSync(file)).toEqual(before);
  });

  it("that is empty lacks everything", async () => {
    const file = `${temporaryFolder()}/empty.db`;
    writeFileSync(file, "");
    expect((await inspected(`sqlite:${file}`)).pending).toEqual(ALL);
  });

  it("that is missing or no database is told, and not made", async () => {
    const folder = temporaryFolder();
    await expect(inspectDatabase(`sqlite:${folder}/typo.db`)).rejects.toThrow("there is no sqlite:");
    writeFileSync(`${folder}/text.db`, "id,key,region\n".repeat(1000));
    await expect(inspectDatabase(`sqlite:${folder}/text.db`)).rejects.toThrow("cannot be used");
  });
});

const postgres = await findPostgres();
afterAll(async () => {
  if ("server" in postgres) await postgres.server.stop();
});

describe.skipIf("missing" in postgres)("a PostgreSQL database", () => {
  const { server } = postgres as Extract<typeof postgres, { server: unknown }>;

  it("is looked into while a process owns it, and has a clock", async () => {
    const { url, drop } = await freshDatabase(server);
    onTestFinished(drop);
    await inUse(url);
    const database = await inspected(url);
    expect(database).toMatchObject({ file: undefined, pending: [], sealing: { stage: "sealed" } });
    expect((await database.tokensUnder(NO_CODE).all()).tokens).toHaveLength(1);
    expect(typeof (await database.clock())).toBe("number");
    await execute(url, "insert into migrations (name) values ('9999_to_come')");
    expect((await inspected(url)).unknown).toEqual(["9999_to_come"]);
  });

  it("that is empty lacks everything, and stays empty", async () => {
    const { url, drop } = await freshDatabase(server);
    onTestFinished(drop);
    expect((await inspected(url)).pending).toEqual(ALL);
    expect((await inspected(url)).pending).toEqual(ALL);
  });
});
