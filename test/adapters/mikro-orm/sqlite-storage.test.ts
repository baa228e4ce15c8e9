import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDatabaseUrl } from "../../../src/adapters/mikro-orm/database-url.ts";
import { openDatabase } from "../../../src/adapters/mikro-orm/open-database.ts";
import type { Sealing } from "../../../src/adapters/mikro-orm/secrets/sealing.ts";
import { SqlAudit } from "../../../src/adapters/mikro-orm/sql-audit.ts";
import { SqlTokenRepository } from "../../../src/adapters/mikro-orm/sql-token-repository.ts";
import { openSqlite, type SqliteUrl } from "../../../src/adapters/mikro-orm/sqlite/open-sqlite.ts";
import { describeAudit } from "../../../src/testing/audit.ts";
import { describeKeyRepository } from "../../../src/testing/key-repository.ts";
import { describeLog } from "../../../src/testing/log.ts";
import { describeSettingRepository } from "../../../src/testing/setting-repository.ts";
import type { OpenStorage } from "../../../src/testing/storage.ts";
import { describeTokenRepository } from "../../../src/testing/token-repository.ts";
import { isLongRun } from "../../situations/long-run.ts";
import { testSealing } from "../../situations/sealing.ts";
import { codeOf, forgeIn, tamperIn } from "./forge.ts";

async function openFile(sealing?: Sealing): Promise<OpenStorage> {
  const folder = mkdtempSync(join(tmpdir(), "key-pool-"));
  const database = await openDatabase({ url: `sqlite:${folder}/data/keys.db`, ...(sealing && { sealing }) });
  const close = async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  };
  return { ...database, close };
}

const openMemory = (): Promise<OpenStorage> => openDatabase({ url: "sqlite::memory:" });

describeKeyRepository("a SQLite file with sealed secrets", () => openFile(testSealing()));
if (isLongRun) {
  describeKeyRepository("SQLite in memory with sealed secrets", () =>
    openDatabase({ url: "sqlite::memory:", sealing: testSealing() }),
  );
}

for (const [name, open] of [
  ["a SQLite file", () => openFile()],
  ["SQLite in memory", openMemory],
] as const) {
  describeKeyRepository(name, open);
  describeLog(name, open);
  describeSettingRepository(name, open);
  const openDriver = async () => {
    const folder = mkdtempSync(join(tmpdir(), "key-pool-"));
    const url = name === "a SQLite file" ? `sqlite:${folder}/keys.db` : "sqlite::memory:";
    const database = await openSqlite(parseDatabaseUrl(url) as SqliteUrl);
    const close = async () => {
      await database.close();
      rmSync(folder, { recursive: true });
    };
    return { database, close };
  };
  describeTokenRepository(name, async () => {
    const { database, close } = await openDriver();
    return { tokens: new SqlTokenRepository(database, codeOf("key")), forge: forgeIn(database), close };
  });
  describeAudit(name, async () => {
    const { database, close } = await openDriver();
    return { audit: new SqlAudit(database, codeOf("key")), tamper: tamperIn(database), close };
  });
}
