import { existsSync, realpathSync } from "node:fs";
import { DatabaseError } from "../database-error.ts";
import { SQLITE_FAULTS } from "../fault.ts";
import { opening } from "../opening.ts";
import type { ReadOnlySql } from "../read-only-database.ts";
import { type NativeSqlite, openNative } from "./native-sqlite.ts";
import type { SqliteUrl } from "./open-sqlite.ts";
import { PreparedStatements } from "./prepared-statements.ts";

const BUSY_TIMEOUT_MS = 5_000;

/** Throws a `DatabaseError`. */
export function openReadOnlySqlite(url: Extract<SqliteUrl, { kind: "sqlite" }>): Promise<ReadOnlySql> {
  return opening(url.name, SQLITE_FAULTS, async () => {
    if (!existsSync(url.path)) throw new DatabaseError("unusable", `there is no ${url.name}`);
    const file = realpathSync(url.path);
    const native = open(file);
    const statements = new PreparedStatements(native);
    return {
      dialect: "sqlite",
      file,
      execute: async (text, values = []) => statements.execute(text, values),
      close: async () => native.close(),
    };
  });
}

/**
 * A connection that may write and does not: when it is the last one to close, SQLite takes away the files beside the
 * database that reading has made, which a connection that may not write leaves behind.
 */
function open(file: string): NativeSqlite {
  try {
    return readable(openNative(file, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS }), "query_only = on");
  } catch (error) {
    if (SQLITE_FAULTS.codeOf(error) !== "refused") throw error;
    return readable(openNative(file, { readonly: true, timeout: BUSY_TIMEOUT_MS }));
  }
}

/** Opening alone does not tell whether the file is a database. */
function readable(native: NativeSqlite, ...pragmas: readonly string[]): NativeSqlite {
  try {
    for (const pragma of [...pragmas, "schema_version"]) native.pragma(pragma);
    return native;
  } catch (error) {
    native.close();
    throw error;
  }
}
