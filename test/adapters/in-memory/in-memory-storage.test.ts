import { InMemoryAudit } from "../../../src/adapters/in-memory/in-memory-audit.ts";
import { InMemoryDatabase } from "../../../src/adapters/in-memory/in-memory-database.ts";
import { InMemoryKeyRepository } from "../../../src/adapters/in-memory/in-memory-key-repository.ts";
import { InMemoryLog } from "../../../src/adapters/in-memory/in-memory-log.ts";
import { InMemorySettingRepository } from "../../../src/adapters/in-memory/in-memory-setting-repository.ts";
import { InMemoryTokenRepository } from "../../../src/adapters/in-memory/in-memory-token-repository.ts";
import { describeAudit } from "../../../src/testing/audit.ts";
import { describeKeyRepository } from "../../../src/testing/key-repository.ts";
import { describeLog } from "../../../src/testing/log.ts";
import { describeSettingRepository } from "../../../src/testing/setting-repository.ts";
import type { OpenStorage, Storage } from "../../../src/testing/storage.ts";
import { describeTokenRepository } from "../../../src/testing/token-repository.ts";

function adaptersOf(database: InMemoryDatabase): Storage {
  return {
    keys: new InMemoryKeyRepository(database),
    log: new InMemoryLog(database),
    settings: new InMemorySettingRepository(database),
  };
}

async function open(): Promise<OpenStorage> {
  const database = new InMemoryDatabase();
  return { ...adaptersOf(database), openAnother: async () => adaptersOf(database), close: async () => {} };
}

describeKeyRepository("in-memory", open);
describeLog("in-memory", open);
describeSettingRepository("in-memory", open);
describeTokenRepository("in-memory", async () => ({
  tokens: new InMemoryTokenRepository(),
  close: async () => {},
}));
describeAudit("in-memory", async () => {
  const database = new InMemoryDatabase();
  const [audit, another] = [new InMemoryAudit(database), new InMemoryAudit(database)];
  return { audit, another, close: async () => {} };
});
