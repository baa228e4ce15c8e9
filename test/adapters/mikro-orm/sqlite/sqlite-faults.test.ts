import { renameSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { adaptersOf, type Database, openDatabase } from "../../../../src/adapters/mikro-orm/open-database.ts";
import { type NativeSqlite, openNative } from "../../../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { openSqlite, type SqliteOptions } from "../../../../src/adapters/mikro-orm/sqlite/open-sqlite.ts";
import { cooling, keyDraft, logDraft, NOON } from "../../../../src/testing/storage.ts";
import { temporaryFolder } from "../temporary-folder.ts";

interface Opened extends Database {
  readonly file: string;
  /** The writing connection. */
  readonly native: NativeSqlite;
}

async function open(options: SqliteOptions = {}): Promise<Opened> {
  const file = `${temporaryFolder()}/keys.db`;
  const at = { kind: "sqlite", path: file, name: `sqlite:${file}` } as const;
  let native: NativeSqlite | undefined;
  const onConnect = (connection: NativeSqlite) => {
    native = connection;
  };
  const database = adaptersOf(await openSqlite(at, { ...options, onConnect }));
  onTestFinished(() => database.close());
  return { ...database, file, native: native as NativeSqlite };
}

const unavailable = { code: "storage_unavailable" };

function fillDisk(native: NativeSqlite): void {
  const pages = native.pragma("page_count", { simple: true });
  native.pragma(`max_page_count = ${pages}`);
}

async function appendUntilFull({ log }: Opened): Promise<number> {
  const note = "x".repeat(500);
  for (let written = 0; ; ) {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, () => log.append(logDraft({ note }))),
    );
    const failed = outcomes.filter((outcome) => outcome.status === "rejected");
    written += outcomes.length - failed.length;
    for (const { reason } of failed) expect(reason).toMatchObject(unavailable);
    if (failed.length > 0) return written;
  }
}

describe("SQLite on a full disk", () => {
  it("refuses writes as unavailable, keeps what was answered and works again with space", async () => {
    const database = await open();
    const { id } = await database.keys.add(keyDraft(), null);
    fillDisk(database.native);
    const written = await appendUntilFull(database);
    expect(await database.health.check()).toEqual({
      status: "degraded",
      reason: "Writes to the database fail",
    });
    expect((await database.keys.get(id))?.id).toBe(id);
    expect((await database.log.list({ services: ["speech", null], offset: 0, limit: 1 })).total).toBe(
      written,
    );

    database.native.pragma("max_page_count = 100000");
    expect(await database.keys.settle(id, cooling(), logDraft())).toEqual(cooling());
    expect((await database.log.list({ services: ["speech", null], offset: 0, limit: 1 })).total).toBe(
      written + 1,
    );
    expect(await database.health.check()).toEqual({ status: "up" });
  });

  it("gives the cause and shows no secret", async () => {
    const database = await open();
    fillDisk(database.native);
    await appendUntilFull(database);
    const secret = "s3cr3t-that-must-not-show".repeat(10);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, n) => database.keys.add(keyDraft({ secret: `${secret}${n}` }), null)),
    );
    const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(errors[0]).toMatchObject({ ...unavailable, cause: { message: "database or disk is full" } });
    for (const error of errors)
      expect(String(error.stack) + JSON.stringify(error.cause)).not.toContain("s3cr3t");
  });
});

describe("SQLite locked by another process", () => {
  it("refuses after the time-out, keeps reading, and works again when the lock is gone", async () => {
    const database = await open({ writeTimeoutMs: 500 });
    const { id } = await database.keys.add(keyDraft(), null);
    const other = openNative(database.file, {});
    other.exec("begin immediate");
    await expect(database.keys.settle(id, cooling(), null)).rejects.toMatchObject(unavailable);
    expect((await database.keys.get(id))?.standing.cooldownUntil).toBe(0);
    expect((await database.keys.list({ service: "speech" }, NOON)).total).toBe(1);
    expect(await database.health.check()).toMatchObject({ status: "degraded" });
    other.exec("rollback");
    other.close();
    expect(await database.keys.settle(id, cooling(), null)).toEqual(cooling());
  });

  it("makes a caller wait, not fail, while the lock is short", async () => {
    const database = await open();
    const other = openNative(database.file, {});
    other.exec("begin immediate");
    const appended = database.log.append(logDraft());
    // A turn of the loop, so that the first attempt meets the lock.
    await new Promise((resolve) => setImmediate(resolve));
    other.exec("commit");
    other.close();
    await appended;
    expect((await database.log.list({ services: ["speech", null], offset: 0, limit: 1 })).total).toBe(1);
  });
});

describe("closing", () => {
  it("commits what is queued and refuses what comes after", async () => {
    const database = await open();
    const queued = Array.from({ length: 1100 }, (_, n) => database.log.append(logDraft({ note: `${n}` })));
    const closing = database.close();
    await expect(database.log.append(logDraft())).rejects.toMatchObject(unavailable);
    await Promise.all([...queued, closing]);
    const again = await openDatabase({ url: `sqlite:${database.file}` });
    onTestFinished(() => again.close());
    expect((await again.log.list({ services: ["speech", null], offset: 0, limit: 1 })).total).toBe(1100);
  });

  it("may be asked for twice", async () => {
    const database = await open();
    await Promise.all([database.close(), database.close()]);
    expect(await database.health.check()).toMatchObject({ status: "down" });
  });
});

it("refuses a URL of no known database without repeating it", async () => {
  await expect(openDatabase({ url: "mysql://user:hunter2@host/db" })).rejects.toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
  );
  await expect(openDatabase({ url: "sqlite:" })).rejects.toThrow(/path/);
});

it("a file that was removed is reported by the health check, for writes to it are lost", async () => {
  const { file, health, keys } = await open();
  renameSync(file, `${file}.moved`);
  await keys.add(keyDraft(), null);
  expect(await health.check()).toEqual({ status: "degraded", reason: expect.stringContaining("removed") });
  renameSync(`${file}.moved`, file);
  expect(await health.check()).toEqual({ status: "up" });
});
