import type { Sql } from "./stage.ts";

/** A database whose schema is up to date and that no other process has open. */
export interface OpeningDatabase {
  /** For people. */
  readonly name: string;
  readonly sql: Sql;
  readonly at: { readonly kind: "sqlite"; readonly file: string } | { readonly kind: "memory" | "postgres" };
}
