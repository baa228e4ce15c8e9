import { afterAll } from "vitest";
import { parseDatabaseUrl } from "../../../src/adapters/mikro-orm/database-url.ts";
import { adaptersOf } from "../../../src/adapters/mikro-orm/open-database.ts";
import type { Sealing } from "../../../src/adapters/mikro-orm/secrets/sealing.ts";
import { SqlAudit } from "../../../src/adapters/mikro-orm/sql-audit.ts";
import { SqlTokenRepository } from "../../../src/adapters/mikro-orm/sql-token-repository.ts";
import { openSqlite, type SqliteUrl } from "../../../src/adapters/mikro-orm/sqlite/open-sqlite.ts";
import { describeAudit } from "../../../src/testing/audit.ts";
import { describeKeyRepository } from "../../../src/testing/key-repository.ts";
import { describeLog } from "../../../src/testing/log.ts";
import { describeSettingRepository } from "../../../src/testing/setting-repository.ts";
import { describeTokenRepository } from "../../../src/testing/token-repository.ts";
import { isLongRun } from "../../situations/long-run.ts";
import { testSealing } from "../../situations/sealing.ts";
import { codeOf, forgeIn, tamperIn } from "./forge.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const close = async () => {};

/** Far more than a write takes on a busy machine. */
const PATIENCE_MS = 120_000;

/** Opened once, with new adapters on the empty tables for each test: to open it takes longer than most tests. */
async function opened(url: string, sealing?: Sealing) {
  const options = { writeTimeoutMs: PATIENCE_MS, ...(sealing && { sealing }) };
  const database = await openSqlite(parseDatabaseUrl(url) as SqliteUrl, options);
  afterAll(() => database.close());
  const emptied = async () => {
    await database.write(function* () {
      for (const table of ["keys", "logs", "log_totals", "settings", "tokens", "audit"]) {
        yield { sql: `delete from ${table}`, values: [] };
      }
      yield { sql: "update audit_head set sequence = 0, code = ''", values: [] };
    });
    return database;
  };
  return { emptied, storage: async () => ({ ...adaptersOf(await emptied()), close }) };
}

const newFile = () => `sqlite:${temporaryFolder(afterAll)}/data/keys.db`;

describeKeyRepository("a SQLite file with sealed secrets", (await opened(newFile(), testSealing())).storage);
if (isLongRun) {
  const { storage } = await opened("sqlite::memory:", testSealing());
  describeKeyRepository("SQLite in memory with sealed secrets", storage);
}

for (const [name, url] of [
  ["a SQLite file", newFile()],
  ["SQLite in memory", "sqlite::memory:"],
] as const) {
  const { storage, emptied } = await opened(url);
  describeKeyRepository(name, storage);
  describeLog(name, storage);
  describeSettingRepository(name, storage);
  describeTokenRepository(name, async () => {
    const database = await emptied();
    return { tokens: new SqlTokenRepository(database, codeOf("key")), forge: forgeIn(database), close };
  });
  describeAudit(name, async () => {
    const database = await emptied();
    return { audit: new SqlAudit(database, codeOf("key")), tamper: tamperIn(database), close };
  });
}
