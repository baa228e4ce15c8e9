import type { SecretColumns } from "./secrets/secret-columns.ts";
import type { Row, SqlValue } from "./sql-database.ts";

/** One connection to a database whose schema is up to date, for a caller that runs its own transactions. */
export interface SqlSession {
  readonly dialect: "sqlite" | "postgres";
  /** How secrets are stored in it. */
  readonly secrets: SecretColumns;
  /** Rejects with the driver's own fault, without the values it may quote. */
  execute(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** Rolls back what is open, then closes. */
  close(): Promise<void>;
}
