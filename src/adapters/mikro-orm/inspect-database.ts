import type { Audit, Mac, TokenRepository } from "../../domain/index.ts";
import { type DatabaseUrl, parseDatabaseUrl } from "./database-url.ts";
import { MIGRATIONS } from "./migrations/migrations.ts";
import { ReadOnlyDatabase, type ReadOnlySql } from "./read-only-database.ts";
import { readSealing, type StoredSealing } from "./secrets/stage.ts";
import { SqlAudit } from "./sql-audit.ts";
import { SqlTokenRepository } from "./sql-token-repository.ts";

/** A database that is looked at and not changed, also while others have it open. */
export interface InspectedDatabase {
  /** For people. */
  readonly name: string;
  /** The file's real path; undefined for PostgreSQL. */
  readonly file: string | undefined;
  /** Names of the migrations that the next start would run. All of them: the database is empty. */
  readonly pending: readonly string[];
  /** Names of those that have run and that this version does not know: a newer one has been here. */
  readonly unknown: readonly string[];
  /** Undefined before the first start, and while migrations are pending. */
  readonly sealing: StoredSealing | undefined;
  /** What the database takes for the time, epoch milliseconds; undefined where it has no clock of its own. */
  clock(): Promise<number | undefined>;
  /** When the newest log row was written, epoch milliseconds; null while there is none. */
  lastLogAt(): Promise<number | null>;
  /** Regions of the keys, by service. */
  regions(): Promise<readonly { readonly service: string; readonly region: string }[]>;
  tokensUnder(mac: Mac): Pick<TokenRepository, "all">;
  auditUnder(mac: Mac): Pick<Audit, "verify">;
  close(): Promise<void>;
}

/**
 * Opens a database for reading only, without the lock of who owns it. Throws a `DatabaseError`, also where there is no
 * file; a `TypeError` for a URL it does not know, and for one that is in memory.
 */
export async function inspectDatabase(url: string | DatabaseUrl): Promise<InspectedDatabase> {
  const at = typeof url === "string" ? parseDatabaseUrl(url) : url;
  if (at.kind === "memory") throw new TypeError("A database in memory is in its own process only");
  const sql = await openReadOnly(at);
  try {
    return await inspected(at.name, sql);
  } catch (error) {
    await sql.close();
    throw error;
  }
}

async function openReadOnly(at: Exclude<DatabaseUrl, { kind: "memory" }>): Promise<ReadOnlySql> {
  if (at.kind === "postgres") {
    const { openReadOnlyPostgres } = await import("./postgres/read-only-postgres.ts");
    return openReadOnlyPostgres(at);
  }
  const { openReadOnlySqlite } = await import("./sqlite/read-only-sqlite.ts");
  return openReadOnlySqlite(at);
}

async function inspected(name: string, sql: ReadOnlySql): Promise<InspectedDatabase> {
  const done = new Set(await migrationsIn(sql));
  const known = MIGRATIONS.map((migration) => migration.name);
  const pending = known.filter((migration) => !done.has(migration));
  const database = new ReadOnlyDatabase(sql);
  return {
    name,
    file: sql.file,
    pending,
    unknown: [...done].filter((migration) => !known.includes(migration)),
    sealing: pending.length === 0 ? await readSealing(sql) : undefined,
    clock: async () => {
      if (sql.dialect === "sqlite") return undefined;
      const [row] = await sql.execute("select extract(epoch from clock_timestamp()) * 1000 as at");
      return Number(row?.at);
    },
    lastLogAt: async () => {
      const [row] = await sql.execute("select created_at as at from logs order by id desc limit 1");
      return row === undefined ? null : Number(row.at);
    },
    regions: async () => {
      const rows = await sql.execute("select distinct service, region from keys order by service, region");
      return rows.map(({ service, region }) => ({ service: String(service), region: String(region) }));
    },
    tokensUnder: (mac) => new SqlTokenRepository(database, mac),
    auditUnder: (mac) => new SqlAudit(database, mac),
    close: () => sql.close(),
  };
}

async function migrationsIn(sql: ReadOnlySql): Promise<readonly string[]> {
  const exists =
    sql.dialect === "sqlite"
      ? "select 1 as found from sqlite_master where type = 'table' and name = 'migrations'"
      : "select 1 as found where to_regclass('migrations') is not null";
  if ((await sql.execute(exists)).length === 0) return [];
  return (await sql.execute("select name from migrations order by id")).map(({ name }) => String(name));
}
