import type { KeyId, LogDraft } from "../../domain/index.ts";
import type { Row, SqlValue } from "./row.ts";
import type { SecretColumns } from "./secrets/secret-columns.ts";
import type { SqlFault } from "./sql-fault.ts";

export type { Row, SqlValue };

export interface Statement {
  /** Understood by SQLite and PostgreSQL alike, with `?` for each value. */
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * Statements in turn, each yielded and answered with its rows, so that one text runs synchronously inside
 * SQLite and asynchronously against PostgreSQL.
 */
export type Script<T> = Generator<Statement, T, readonly Row[]>;

/**
 * One caller's share of a transaction. Rows for the log go into the journal, which is written in one go. A
 * script that refuses, by throwing a `DomainError`, does so before it has changed anything.
 */
export type Write<T> = (journal: LogDraft[]) => Script<T>;

export type Connection = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What the repositories ask of a database. Every method rejects with `storage_unavailable` when it is away. */
export interface SqlDatabase {
  /** For what an index finds at once. */
  read(sql: string, values: readonly SqlValue[]): Promise<readonly Row[]>;

  /** For what may take long; does not delay hand-outs. */
  scan(sql: string, values: readonly SqlValue[]): Promise<readonly Row[]>;

  /** Announces that a scan is likely soon, so that it can be prepared for. */
  expectScan(): void;

  /**
   * Resolves when the write has been committed, in one transaction with the others that waited.
   * `rows` is about how many rows it changes, default 1; `keys` are the keys that it changes or removes.
   */
  write<T>(write: Write<T>, rows?: number, keys?: readonly KeyId[]): Promise<T>;

  /** How secrets are stored in it. */
  readonly secrets: SecretColumns;
  /** Whether triggers keep `log_totals`; otherwise totals are counted. */
  readonly keepsLogTotals: boolean;

  /** Asks for a sign of life. The reason is in the driver's words, which are for the log only. */
  check(): Promise<Connection>;

  /** What is wrong although the database answers, such as failing writes; undefined if nothing. */
  readonly fault: SqlFault | undefined;

  /** Commits what is queued, then closes. */
  close(): Promise<void>;
}

/** `?, ?, ?` */
export function placeholders(count: number): string {
  return Array.from({ length: count }, () => "?").join(", ");
}
