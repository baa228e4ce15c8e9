import { afterAll, describe, onTestFinished } from "vitest";
import { parseDatabaseUrl } from "../../../src/adapters/mikro-orm/database-url.ts";
import { openDatabase } from "../../../src/adapters/mikro-orm/open-database.ts";
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
import { execute, findPostgres, freshDatabase } from "../../servers/postgres-server.ts";
import { testSealing } from "../../situations/sealing.ts";
import { codeOf, forgeIn, tamperIn } from "./forge.ts";

const found = await findPostgres();

if ("missing" in found) {
  describe.skip(`PostgreSQL (${found.missing})`, () => {});
} else {
  const database = await freshDatabase(found.server);
  // Opened once: to open it for each test would take longer than the tests.
  const opened = await openDatabase({ url: database.url, usedBy: "instances" });
  const session = await openSession(database.url);
  afterAll(async () => {
    await session.close();
    for (const each of [opened, sealed, another]) await each.close();
    await database.drop();
    await sealedDatabase.drop();
    await found.server.stop();
  });

  const open = async (): Promise<OpenStorage> => {
    await session.execute("truncate keys, logs, settings");
    const openAnother = async () => {
      const another = await openDatabase({ url: database.url, usedBy: "instances" });
      onTestFinished(() => another.close());
      return another;
    };
    return { ...opened, openAnother, close: async () => {} };
  };

  describeKeyRepository("PostgreSQL", open);

  const sealing = testSealing();
  const sealedDatabase = await freshDatabase(found.server);
  const options = { url: sealedDatabase.url, usedBy: "instances", sealing } as const;
  const sealed = await openDatabase(options);
  const another = await openDatabase(options);
  describeKeyRepository("PostgreSQL with sealed secrets", async () => {
    await execute(sealedDatabase.url, "truncate keys, logs, settings");
    return { ...sealed, openAnother: async () => another, close: async () => {} };
  });

  describeLog("PostgreSQL", open);
  describeSettingRepository("PostgreSQL", open);
  describeTokenRepository("PostgreSQL", async () => {
    const opened = await openPostgres(parseDatabaseUrl(database.url) as PostgresUrl, { usedBy: "instances" });
    await execute(database.url, "truncate tokens");
    return {
      tokens: new SqlTokenRepository(opened, codeOf("key")),
      forge: forgeIn(opened),
      close: () => opened.close(),
    };
  });
  describeAudit("PostgreSQL", async () => {
    const url = parseDatabaseUrl(database.url) as PostgresUrl;
    const [opened, other] = [
      await openPostgres(url, { usedBy: "instances" }),
      await openPostgres(url, { usedBy: "instances" }),
    ];
    await execute(database.url, "truncate audit; update audit_head set sequence = 0, code = ''");
    return {
      audit: new SqlAudit(opened, codeOf("key")),
      another: new SqlAudit(other, codeOf("key")),
      tamper: tamperIn(opened),
      close: async () => void (await Promise.all([opened.close(), other.close()])),
    };
  });
}
