import type { Sql } from "./stage.ts";

/** Inside a transaction, when no row needs the column any more. */
export async function dropPlainColumn(sql: Sql): Promise<void> {
  await sql.execute("drop index keys_secret_service");
  await sql.execute("alter table keys drop column secret");
}
