import { afterAll, describe, onTestFinished } from "vitest";
import { openDatabase } from "../../../src/adapters/mikro-orm/open-database.ts";
import { openSession } from "../../../src/adapters/mikro-orm/open-session.ts";
import { describeKeyRepository } from "../../../src/testing/key-repository.ts";
import { describeLog } from "../../../src/testing/log.ts";
import { describeSettingRepository } from "../../../src/testing/setting-repository.ts";
import type { OpenStorage } from "../../../src/testing/storage.ts";
import { findPostgres, freshDatabase } from "../../servers/postgres-server.ts";

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
    await opened.close();
    await database.drop();
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
  describeLog("PostgreSQL", open);
  describeSettingRepository("PostgreSQL", open);
}
