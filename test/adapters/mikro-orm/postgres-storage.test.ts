import { afterAll, describe, onTestFinished } from "vitest";
import { openDatabase } from "../../../src/adapters/mikro-orm/open-database.ts";
import { describeKeyRepository } from "../../../src/testing/key-repository.ts";
import { describeLog } from "../../../src/testing/log.ts";
import { describeSettingRepository } from "../../../src/testing/setting-repository.ts";
import type { OpenStorage } from "../../../src/testing/storage.ts";
import { execute, findPostgres, freshDatabase } from "../../servers/postgres-server.ts";

const found = await findPostgres();

if ("missing" in found) {
  describe.skip(`PostgreSQL (${found.missing})`, () => {});
} else {
  const database = await freshDatabase(found.server);
  afterAll(async () => {
    await database.drop();
    await found.server.stop();
  });

  const open = async (): Promise<OpenStorage> => {
    const opened = await openDatabase({ url: database.url, usedBy: "instances" });
    await execute(database.url, "truncate keys, logs, settings");
    const openAnother = async () => {
      const another = await openDatabase({ url: database.url, usedBy: "instances" });
      onTestFinished(() => another.close());
      return another;
    };
    return { ...opened, openAnother };
  };

  describeKeyRepository("PostgreSQL", open);
  describeLog("PostgreSQL", open);
  describeSettingRepository("PostgreSQL", open);
}
