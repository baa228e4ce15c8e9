import { DatabaseError } from "../database-error.ts";
import { dropPlainColumn } from "./drop-plain-column.ts";
import type { OpeningDatabase } from "./opening-database.ts";
import { sealPlainSecrets } from "./seal-plain-secrets.ts";
import type { OpenedSealing, SealedPlace, Sealing } from "./sealing.ts";
import { PLAIN_SECRETS, SealedSecrets, type SecretColumns } from "./secret-columns.ts";
import { atomically, nameDatabase, readSealing, type Sql, storeEnvelope, writeStage } from "./stage.ts";

/** Carries what code that is not ours has thrown to who opens the database. */
export class ThrownBySealing {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/**
 * How secrets are stored. With `sealing` they are all sealed when this resolves, and no plain copy is left in the
 * files; that may take a while, and goes on where it was cut off. Throws a `DatabaseError`, or `ThrownBySealing`.
 */
export async function openSecrets(
  database: OpeningDatabase,
  sealing: Sealing | undefined,
): Promise<SecretColumns> {
  const { sql, at, name } = database;
  const found = await readSealing(sql);
  const isPlain = found === undefined || found.stage === "plain";
  if (isPlain && (!sealing || sealing.keepsPlain)) return PLAIN_SECRETS;
  if (!sealing) {
    throw new DatabaseError(
      "refused",
      `${name} does not open: its secrets are sealed, and it was to be opened without the master key; open it with the one that they were sealed with`,
    );
  }
  const { id, envelope, stage } = found ?? (await nameDatabase(sql));
  const opened = await asked(sealing, { ...at, id, envelope });
  if (envelope === undefined) await beginSealing(sql, opened);
  if (stage !== "sealed") await sealPlainSecrets(database, opened.box, sealing.onStep);
  return new SealedSecrets(opened.box, sealing.onUnreadable);
}

/** Whether `openSecrets` has to do more than open the box. */
export async function needsSealing(sql: Sql, { keepsPlain }: Sealing): Promise<boolean> {
  const stage = (await readSealing(sql))?.stage ?? "plain";
  return stage !== "sealed" && !(keepsPlain && stage === "plain");
}

async function asked(sealing: Sealing, place: SealedPlace): Promise<OpenedSealing> {
  try {
    return await sealing.open(place);
  } catch (error) {
    throw new ThrownBySealing(error);
  }
}

async function beginSealing(sql: Sql, { envelope }: OpenedSealing): Promise<void> {
  await atomically(sql, async () => {
    await storeEnvelope(sql, envelope);
    if (!(await isNew(sql))) return writeStage(sql, "sealing");
    await dropPlainColumn(sql);
    await writeStage(sql, "sealed");
  });
}

/** Whether it never held a secret, not even one that was deleted: then there is nothing to clean. */
async function isNew(sql: Sql): Promise<boolean> {
  const traces = ["keys", "logs", "settings"];
  // Where ids go on from, also when all rows are gone.
  if (sql.dialect === "sqlite") traces.push("sqlite_sequence where name in ('keys', 'logs')");
  for (const trace of traces) {
    const [row] = await sql.execute(`select 1 as found from ${trace} limit 1`);
    if (row !== undefined) return false;
  }
  return true;
}
