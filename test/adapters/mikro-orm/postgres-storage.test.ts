import { afterAll, describe } from "vitest";
import { parseDatabaseUrl } from "../../../src/adapters/mikro-orm/database-url.ts";
import { adaptersOf, openDatabase } from "../../../src/adapters/mikro-orm/open-database.ts";
import { openSession } from "../../../src/adapters/mikro-orm/open-session.ts";
import { openPostgres, type PostgresUrl } from "../../../src/adapters/mikro-orm/postgres/open-postgres.ts";
import { SqlAudit } from "../../../src/adapters/mikro-orm/sql-audit.ts";
import { SqlTokenRepository } from "../../../src/adapters/mikro-orm/sql-token-repository.ts";
import { describeAudit } from "../../../src/testing/audit.ts";
import { describeKeyRepository } from "../../../src/testing/key-repository.ts";
import { describeLog } from "../../../src/testing/log.ts";
import { describeSettingRepository } from "../../../src/testing/setting-repository.ts";
import type { OpenStorage } from "../../../src/testing/storage.ts";
import { describeTokenRepository } from "../../../src/testing/token-repository.ts";
import { findPostgres, freshDatabase } from "../../servers/postgres-server.ts";
import { testSealing } from "../../situations/sealing.ts";
import { codeOf, forgeIn, tamperIn } from "./forge.ts";

/** Writes are given far more time than they take on a busy machine. */
const SHARED = { usedBy: "instances", writeTimeoutMs: 120_000 } as const;

const found = await findPostgres();

if ("missing" in found) {
  describe.skip(`PostgreSQL (${found.missing})`, () => {});
} else {
  const database = await freshDatabase(found.server);
  // Opened once: to open it for each test would take longer than the tests.
  const [one, other] = [await openDriver(), await openDriver()];
  const session = await openSession(database.url);
  afterAll(async () => {
    await sealedSession.close();
    await session.close();
    for (const each of [sealed, another, one, other]) await each.close();
    await database.drop();
    await sealedDatabase.drop();
    await found.server.stop();
  });

  function openDriver() {
    return openPostgres(parseDatabaseUrl(database.url) as PostgresUrl, SHARED);
  }

  const open = async (): Promise<OpenStorage> => {
    await session.execute("truncate keys, logs, settings");
    return { ...adaptersOf(one), openAnother: async () => adaptersOf(other), close: async () => {} };
  };

  describeKeyRepository("PostgreSQL", open);

  const sealing = testSealing();
  const sealedDatabase = await freshDatabase(found.server);
  const options = { url: sealedDatabase.url, ...SHARED, sealing };
  const sealed = await openDatabase(options);
  const another = await openDatabase(options);
  const sealedSession = await openSession(sealedDatabase.url, sealing);
  describeKeyRepository("PostgreSQL with sealed secrets", async () => {
    await sealedSession.execute("truncate keys, logs, settings");
    return { ...sealed, openAnother: async () => another, close: async () => {} };
  });

  describeLog("PostgreSQL", open);
  describeSettingRepository("PostgreSQL", open);
  describeTokenRepository("PostgreSQL", async () => {
    await session.execute("truncate tokens");
    return {
      tokens: new SqlTokenRepository(one, codeOf("key")),
      forge: forgeIn(one),
      close: async () => {},
    };
  });
  describeAudit("PostgreSQL", async () => {
    await session.execute("truncate audit");
    await session.execute("update audit_head set sequence = 0, code = ''");
    return {
      audit: new SqlAudit(one, codeOf("key")),
      another: new SqlAudit(other, codeOf("key")),
      tamper: tamperIn(one),
      close: async () => {},
    };
  });
}
