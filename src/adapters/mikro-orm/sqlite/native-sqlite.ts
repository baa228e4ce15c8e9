import { createRequire } from "node:module";
import type { Row, SqlValue } from "../sql-database.ts";

/** What we use of better-sqlite3, the driver inside `@mikro-orm/sqlite`; it comes without types. */
export interface NativeSqlite {
  readonly inTransaction: boolean;
  prepare(sql: string): NativeStatement;
  exec(sql: string): void;
  pragma(source: string, options?: { readonly simple: boolean }): unknown;
  close(): void;
}

export interface NativeStatement {
  /** Whether it answers rows. */
  readonly reader: boolean;
  all(values: readonly SqlValue[]): Row[];
  run(values: readonly SqlValue[]): unknown;
}

interface NativeSqliteOptions {
  readonly readonly?: boolean;
  /** Makes no file where there is none. */
  readonly fileMustExist?: boolean;
  /** How long to wait for a lock, in milliseconds. */
  readonly timeout?: number;
}

/** Opens a new connection with the copy of the driver that MikroORM uses. */
export function openNative(file: string, options: NativeSqliteOptions): NativeSqlite {
  const fromHere = createRequire(import.meta.url);
  const fromMikroOrm = createRequire(fromHere.resolve("@mikro-orm/sqlite"));
  const Database = fromMikroOrm("better-sqlite3") as new (
    file: string,
    options: NativeSqliteOptions,
  ) => NativeSqlite;
  return new Database(file, options);
}
