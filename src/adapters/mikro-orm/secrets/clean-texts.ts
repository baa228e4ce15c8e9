import type { SecretBox } from "../../../domain/index.ts";
import type { Row, SqlValue } from "../sql-database.ts";
import { openRow } from "./secret-columns.ts";
import { SecretMask } from "./secret-mask.ts";
import { atomically, type Sql, writeStage } from "./stage.ts";

const BATCH = 5000;

const SEALED = `select id, service, fingerprint, sealed from keys where id > ? order by id limit ${BATCH}`;

/** Columns that people and callers fill, and that may hold a secret by mistake. */
const TABLES = {
  settings: { id: "name", columns: ["value", "description"] },
  keys: { id: "id", columns: ["keyname", "tag"] },
  logs: { id: "id", columns: ["keyname", "note"] },
} as const;

type Table = keyof typeof TABLES;

/** Masks secrets in all texts. `howFar` is the table and the last id that is done; absent at the beginning. */
export async function cleanTexts(
  sql: Sql,
  box: SecretBox,
  howFar: readonly string[],
  onStep: (step: string) => void,
): Promise<void> {
  const [table, after] = howFar;
  const mask = await maskOf(sql, box);
  if (table === undefined) await atomically(sql, () => cleanSettings(sql, mask));
  for (const each of ["keys", "logs"] as const) {
    if (each === "keys" && table === "logs") continue;
    let done: number | undefined = each === table ? Number(after) : 0;
    while (done !== undefined) {
      onStep(`cleaning ${each} ${done}`);
      done = await cleanBatch(sql, mask, each, done);
    }
  }
  await writeStage(sql, "dropping");
}

async function maskOf(sql: Sql, box: SecretBox): Promise<SecretMask> {
  const secrets: string[] = [];
  for (let after = 0; ; ) {
    const rows = await sql.execute(SEALED, [after]);
    secrets.push(...rows.flatMap((row) => openRow(box, row) ?? []));
    if (rows.length < BATCH) return new SecretMask(secrets);
    after = rows.at(-1)?.id as number;
  }
}

async function cleanSettings(sql: Sql, mask: SecretMask): Promise<void> {
  for (const row of await sql.execute("select name, value, description from settings"))
    await cleanRow(sql, mask, "settings", row);
  await writeStage(sql, "cleaning", "keys", 0);
}

/** Answers the last id that is done now; undefined when all are. */
function cleanBatch(
  sql: Sql,
  mask: SecretMask,
  table: "keys" | "logs",
  done: number,
): Promise<number | undefined> {
  const query = `select id, ${TABLES[table].columns.join(", ")} from ${table} where id > ? order by id limit ${BATCH}`;
  return atomically(sql, async () => {
    const rows = await sql.execute(query, [done]);
    if (rows.length === 0) return undefined;
    for (const row of rows) await cleanRow(sql, mask, table, row);
    const last = rows.at(-1)?.id as number;
    await writeStage(sql, "cleaning", table, last);
    return last;
  });
}

async function cleanRow(sql: Sql, mask: SecretMask, table: Table, row: Row): Promise<void> {
  const { id, columns } = TABLES[table];
  const changed = new Map<string, SqlValue>();
  for (const column of columns) {
    const text = row[column];
    if (typeof text !== "string") continue;
    const masked = mask.mask(text);
    if (masked !== text) changed.set(column, masked);
  }
  if (changed.size === 0) return;
  const assignments = [...changed.keys()].map((column) => `${column} = ?`);
  // Another tag is another place.
  if (table === "keys" && changed.has("tag")) assignments.push("placement = placement + 1");
  const values = [...changed.values(), row[id] as SqlValue];
  await sql.execute(`update ${table} set ${assignments.join(", ")} where ${id} = ?`, values);
}
