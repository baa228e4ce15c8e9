import { randomBytes } from "node:crypto";
import type { SqlSession } from "../sql-session.ts";

/** What runs one statement after the other, on one connection. */
export type Sql = Pick<SqlSession, "dialect" | "execute">;

/**
 * What is to be done next until every secret is sealed and no plain copy is left; done again when it was cut off.
 * Written into the table `sealing` after each step, some with how far they are, such as `cleaning logs 5000`.
 */
export type Step =
  | "plain"
  | "sealing"
  | "cleaning"
  | "dropping"
  | "vacuuming"
  | "truncating"
  | "checking"
  | "sealed";

export interface StoredSealing {
  readonly id: string;
  readonly envelope: Uint8Array | undefined;
  readonly stage: string;
}

export async function readSealing(sql: Sql): Promise<StoredSealing | undefined> {
  const [row] = await sql.execute("select database_id, envelope, stage from sealing");
  if (row === undefined) return undefined;
  const envelope = row.envelope == null ? undefined : Buffer.from(row.envelope as string, "base64");
  return { id: row.database_id as string, envelope, stage: row.stage as string };
}

/** Gives the database the id that its key file is named after, durably, before that file is made. */
export async function nameDatabase(sql: Sql): Promise<StoredSealing> {
  const id = randomBytes(16).toString("hex");
  await sql.execute("insert into sealing (id, database_id, stage) values (1, ?, 'plain')", [id]);
  return { id, envelope: undefined, stage: "plain" satisfies Step };
}

export async function storeEnvelope(sql: Sql, envelope: Uint8Array): Promise<void> {
  await sql.execute("update sealing set envelope = ?", [Buffer.from(envelope).toString("base64")]);
}

export async function writeStage(
  sql: Sql,
  step: Step,
  ...howFar: readonly (string | number)[]
): Promise<void> {
  await sql.execute("update sealing set stage = ?", [[step, ...howFar].join(" ")]);
}

export async function atomically<T>(sql: Sql, act: () => Promise<T>): Promise<T> {
  await sql.execute(sql.dialect === "sqlite" ? "begin immediate" : "begin");
  try {
    const result = await act();
    await sql.execute("commit");
    return result;
  } catch (error) {
    // The first error is the one to report; a lost connection has rolled back by itself.
    await sql.execute("rollback").catch(() => {});
    throw error;
  }
}
