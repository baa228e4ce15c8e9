import { storageUnavailable } from "../../domain/index.ts";
import { PLAIN_SECRETS } from "./secrets/secret-columns.ts";
import type { Sql } from "./secrets/stage.ts";
import type { Connection, Row, SqlDatabase, SqlValue } from "./sql-database.ts";

/** One connection that cannot write. */
export interface ReadOnlySql extends Sql {
  /** The file's real path; undefined for PostgreSQL. */
  readonly file: string | undefined;
  close(): Promise<void>;
}

/** What repositories need to read, and refuses what they write. */
export class ReadOnlyDatabase implements SqlDatabase {
  // No secret is read through it.
  readonly secrets = PLAIN_SECRETS;
  readonly keepsLogTotals = false;
  readonly fault = undefined;
  readonly #sql: ReadOnlySql;

  constructor(sql: ReadOnlySql) {
    this.#sql = sql;
  }

  read(text: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#sql.execute(text, values);
  }

  scan(text: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#sql.execute(text, values);
  }

  expectScan(): void {}

  write(): Promise<never> {
    return Promise.reject(storageUnavailable(new Error("The database is open for reading only")));
  }

  async check(): Promise<Connection> {
    await this.#sql.execute("select 1");
    return { ok: true };
  }

  close(): Promise<void> {
    return this.#sql.close();
  }
}
