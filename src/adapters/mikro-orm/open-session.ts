import { type DatabaseUrl, parseDatabaseUrl } from "./database-url.ts";
import type { SqlSession } from "./sql-session.ts";

/**
 * Opens a session on a URL as `openDatabase` takes it, and brings the schema up to date. Throws a
 * `DatabaseError`, or a `TypeError` for a URL it does not know.
 */
export async function openSession(url: string | DatabaseUrl): Promise<SqlSession> {
  const at = typeof url === "string" ? parseDatabaseUrl(url) : url;
  if (at.kind === "postgres") {
    const { openPostgresSession } = await import("./postgres/postgres-session.ts");
    return openPostgresSession(at);
  }
  const { openSqliteSession } = await import("./sqlite/sqlite-session.ts");
  return openSqliteSession(at);
}
