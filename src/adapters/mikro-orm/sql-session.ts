import type { Row, SqlValue } from "./sql-database.ts";

/** One connection to a database whose schema is up to date, for who runs transactions of his own. */
export interface SqlSession {
  readonly dialect: "sqlite" | "postgres";
  /** Rejects with the driver's own fault, without the values it may quote. */
  execute(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** Rolls back what is open, then closes. */
  close(): Promise<void>;
}

/**
 * Opens a session on a URL as `openDatabase` takes it, and brings the schema up to date. Throws
 * `DatabaseInUse` when a SQLite file is open elsewhere, a `TypeError` for a URL it does not know.
 */
export async function openSession(url: string): Promise<SqlSession> {
  if (url.startsWith("sqlite:")) {
    const { openSqliteSession } = await import("./sqlite/sqlite-session.ts");
    return openSqliteSession(sqlitePath(url));
  }
  if (isPostgres(url)) {
    const { openPostgresSession } = await import("./postgres/postgres-session.ts");
    return openPostgresSession(url);
  }
  throw unknownUrl();
}

export function isPostgres(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}

export function sqlitePath(url: string): string {
  const path = url.slice("sqlite:".length).replace(/^\/\/(?=\/)/, "");
  if (path === "") throw new TypeError("A SQLite URL needs a path, such as sqlite:./data/keys.db");
  return path;
}

export function unknownUrl(): TypeError {
  return new TypeError('A database URL begins with "sqlite:" or "postgres://"');
}
