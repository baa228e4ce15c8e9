import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createInMemoryPorts,
  InMemoryCooldownStore,
  InMemoryDatabase,
} from "../../src/adapters/in-memory/index.ts";
import { type Database, openDatabase } from "../../src/adapters/mikro-orm/index.ts";
import type { OpenRestartable } from "../../src/testing/key-pool.ts";
import { isLongRun } from "./long-run.ts";

export async function inMemoryStorage(): Promise<OpenRestartable> {
  const database = new InMemoryDatabase();
  return {
    open: async (clock) => createInMemoryPorts(clock, database),
    stop: async () => {},
    destroy: async () => {},
  };
}

export async function sqliteStorage(): Promise<OpenRestartable> {
  const directory = await mkdtemp(join(tmpdir(), "key-pool-"));
  let database: Database | undefined;
  return {
    open: async (clock) => {
      const url = `sqlite:${join(directory, "keys.db")}`;
      database = await (isLongRun ? openDatabase({ url }) : openHere(url));
      return { ...database, clock, cooldowns: new InMemoryCooldownStore(clock), health: [database.health] };
    },
    stop: async () => database?.close(),
    destroy: async () => {
      await database?.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** Imported when needed: unit tests that take their storage from here have no use for the driver. */
async function openHere(url: string): Promise<Database> {
  const { openSqliteHere } = await import("./open-sqlite-here.ts");
  return openSqliteHere(url);
}
