import { type DatabaseUrl, parseDatabaseUrl } from "./database-url.ts";
import type { OnMigrated } from "./migrated.ts";
import type { Sealing } from "./secrets/sealing.ts";
import type { SqlSession } from "./sql-session.ts";

export interface SessionOptions {
  /** Refuses a PostgreSQL database that another process has open. SQLite always does. */
  readonly alone?: boolean;
  readonly onMigrated?: OnMigrated;
}

/**
 * Opens a session on a URL as `openDatabase` takes it, brings the schema up to date and seals the secrets as there.
 * Throws a `DatabaseError`, a `TypeError` for a URL it does not know, and what `sealing` throws.
 */
export async function openSession(
  url: string | DatabaseUrl,
  sealing?: Sealing,
  options: SessionOptions = {},
): Promise<SqlSession> {
  const at = typeof url === "string" ? parseDatabaseUrl(url) : url;
  if (at.kind === "postgres") {
    const { openPostgresSession } = await import("./postgres/postgres-session.ts");
    return openPostgresSession(at, sealing, options);
  }
  const { openSqliteSession } = await import("./sqlite/sqlite-session.ts");
  return openSqliteSession(at, sealing, options.onMigrated);
}
