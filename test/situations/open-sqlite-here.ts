import { parseDatabaseUrl } from "../../src/adapters/mikro-orm/database-url.ts";
import { adaptersOf, type Database } from "../../src/adapters/mikro-orm/open-database.ts";
import type { Sealing } from "../../src/adapters/mikro-orm/secrets/sealing.ts";
import type { SqlDatabase } from "../../src/adapters/mikro-orm/sql-database.ts";
import { openSqlite, type SqliteUrl } from "../../src/adapters/mikro-orm/sqlite/open-sqlite.ts";

/**
 * A SQLite file as `openDatabase` opens it, but for what may take long, which is read on this thread too: to start the
 * other one takes longer than most tests.
 */
export async function openSqliteHere(url: string, sealing?: Sealing): Promise<Database> {
  return adaptersOf(
    readHere(await openSqlite(parseDatabaseUrl(url) as SqliteUrl, { ...(sealing && { sealing }) })),
  );
}

function readHere(database: SqlDatabase): SqlDatabase {
  return new Proxy(database, {
    get: (_, name) => {
      if (name === "expectScan") return () => {};
      const member = Reflect.get(database, name === "scan" ? "read" : name);
      return typeof member === "function" ? member.bind(database) : member;
    },
  });
}
