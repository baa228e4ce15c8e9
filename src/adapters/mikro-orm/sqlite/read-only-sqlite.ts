import { existsSync, realpathSync } from "node:fs";
import { DatabaseError } from "../database-error.ts";
import { SQLITE_FAULTS } from "../fault.ts";
import { opening } from "../opening.ts";
import type { ReadOnlySql } from "../read-only-database.ts";
import { openNative } from "./native-sqlite.ts";
import type { SqliteUrl } from "./open-sqlite.ts";
import { PreparedStatements } from "./prepared-statements.ts";

const BUSY_TIMEOUT_MS = 5_000;

/** Throws a `DatabaseError`. */
export function openReadOnlySqlite(url: Extract<SqliteUrl, { kind: "sqlite" }>): Promise<ReadOnlySql> {
  return opening(url.name, SQLITE_FAULTS, async () => {
    if (!existsSync(url.path)) throw new DatabaseError("unusable", `there is no ${url.name}`);
    const file = realpathSync(url.path);
    const native = openNative(file, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      // The first that reads the file: opening alone does not tell whether it is a database.
      native.pragma("schema_version");
    } catch (error) {
      native.close();
      throw error;
    }
    const statements = new PreparedStatements(native);
    return {
      dialect: "sqlite",
      file,
      execute: async (text, values = []) => statements.execute(text, values),
      close: async () => native.close(),
    };
  });
}
