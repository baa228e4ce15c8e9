// An adapter is tested with the suite of its port; the last suite runs the whole pool on it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InMemoryCooldownStore } from "azure-key-pool/in-memory";
import {
  describeKeyPool,
  describeKeyRepository,
  describeLog,
  describeSettingRepository,
  type OpenRestartable,
  type OpenStorage,
} from "azure-key-pool/testing";
import { openJsonStorage } from "./open-json-storage.ts";

async function open(): Promise<OpenStorage> {
  const folder = await mkdtemp(join(tmpdir(), "json-storage-"));
  const close = () => rm(folder, { recursive: true });
  return { ...(await openJsonStorage(join(folder, "keys.json"))), close };
}

async function restartable(): Promise<OpenRestartable> {
  const folder = await mkdtemp(join(tmpdir(), "json-storage-"));
  return {
    open: async (clock) => {
      const storage = await openJsonStorage(join(folder, "keys.json"));
      return { ...storage, clock, cooldowns: new InMemoryCooldownStore(clock) };
    },
    stop: async () => {},
    destroy: () => rm(folder, { recursive: true }),
  };
}

describeKeyRepository("a JSON file", open);
describeLog("a JSON file", open);
describeSettingRepository("a JSON file", open);
describeKeyPool("a JSON file", restartable);
