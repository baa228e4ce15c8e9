import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../../src/adapters/mikro-orm/open-database.ts";
import { describeKeyRepository } from "../../../src/testing/key-repository.ts";
import { describeLog } from "../../../src/testing/log.ts";
import { describeSettingRepository } from "../../../src/testing/setting-repository.ts";
import type { OpenStorage } from "../../../src/testing/storage.ts";

async function openFile(): Promise<OpenStorage> {
  const folder = mkdtempSync(join(tmpdir(), "key-pool-"));
  const database = await openDatabase({ url: `sqlite:${folder}/data/keys.db` });
  const close = async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  };
  return { ...database, close };
}

const openMemory = (): Promise<OpenStorage> => openDatabase({ url: "sqlite::memory:" });

for (const [name, open] of [
  ["a SQLite file", openFile],
  ["SQLite in memory", openMemory],
] as const) {
  describeKeyRepository(name, open);
  describeLog(name, open);
  describeSettingRepository(name, open);
}
