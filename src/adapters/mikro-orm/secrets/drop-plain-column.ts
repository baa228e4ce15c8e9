import type { Sql } from "./stage.ts";

/** Inside a transaction, when no row needs the column any more. */
export async function dropPlainColumn(sql: Sql): Promise<void> {
  await dropPlainIndex(sql);
  await sql.execute("alter table keys drop column secret");
}

/** Done again it changes nothing. The index of fingerprints keeps keys apart as well. */
export async function dropPlainIndex(sql: Sql): Promise<void> {
  await sql.execute("drop index if exists keys_secret_service");
}
