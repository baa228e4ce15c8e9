import { expect, it, onTestFinished } from "vitest";
import { parseDatabaseUrl } from "../../../src/adapters/mikro-orm/database-url.ts";
import type { SqlDatabase, SqlValue } from "../../../src/adapters/mikro-orm/sql-database.ts";
import { SqlLog } from "../../../src/adapters/mikro-orm/sql-log.ts";
import { openSqlite, type SqliteUrl } from "../../../src/adapters/mikro-orm/sqlite/open-sqlite.ts";
import type { LogQuery } from "../../../src/domain/index.ts";
import { logDraft } from "../../../src/testing/storage.ts";

const BOTH = ["speech", null] as const;

it.each<[string, Partial<LogQuery>]>([
  ["the first page", {}],
  ["translation's first page", { services: ["translation"] }],
  ["a rare action", { action: "disable_key" }],
  ["a rare code", { statusCode: 429 }],
])("%s waits for no thread to start, which is started for what may come next", async (_, query) => {
  expect(await asked(query)).toEqual({ scans: 0, isExpected: true });
});

it.each<[string, Partial<LogQuery>]>([
  ["a page deep down", { offset: 951 }],
  ["one key's rows", { keyId: 1 }],
  ["the reports that changed nothing", { action: "set_status" }],
  ["a code that most rows have", { statusCode: 200 }],
  ["an action with a code", { action: "test", statusCode: 401 }],
  ["speech's rows alone", { services: ["speech"] }],
  ["all rows", { services: ["translation", ...BOTH] }],
])("%s may take long, and holds up no hand-out", async (_, query) => {
  expect((await asked(query)).scans).toBeGreaterThan(0);
});

it("reports are counted where no hand-out waits for it, in the index of each service's rows", async () => {
  const database = await openSqlite(parseDatabaseUrl("sqlite::memory:") as SqliteUrl);
  onTestFinished(() => database.close());
  const scans: [string, readonly SqlValue[]][] = [];
  const recording = {
    scan: async (...scan: (typeof scans)[number]) => {
      scans.push(scan);
      return [];
    },
  };
  const log = new SqlLog(recording as unknown as SqlDatabase);
  const query = { services: ["speech", "translation"], from: 1, to: 2, bucketMs: 1 } as const;
  for (const one of [query, { ...query, keyId: 1 }, { ...query, regions: ["eastus"] }]) {
    await log.countReports(one);
  }
  expect(scans).toHaveLength(3);
  for (const [sql, values] of scans) {
    const plan = (await database.read(`explain query plan ${sql}`, values)).map(({ detail }) =>
      String(detail),
    );
    const ranges = plan.filter((step) => step.includes("logs_listing") && step.includes("created_at>?"));
    expect(ranges, plan.join("\n")).toHaveLength(2);
  }
});

async function asked(query: Partial<LogQuery>) {
  const database = await openSqlite(parseDatabaseUrl("sqlite::memory:") as SqliteUrl);
  onTestFinished(() => database.close());
  await new SqlLog(database).append(logDraft());
  let scans = 0;
  let isExpected = false;
  const recording: SqlDatabase = {
    secrets: database.secrets,
    keepsLogTotals: database.keepsLogTotals,
    fault: database.fault,
    read: (sql, values) => database.read(sql, values),
    write: (write, rows) => database.write(write, rows),
    check: () => database.check(),
    close: () => database.close(),
    scan: (sql, values) => {
      scans += 1;
      return database.scan(sql, values);
    },
    expectScan: () => {
      isExpected = true;
    },
  };
  await new SqlLog(recording).list({ services: BOTH, offset: 0, limit: 50, ...query });
  return { scans, isExpected };
}
