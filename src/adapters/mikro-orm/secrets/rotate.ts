import type { SecretBox, Service } from "../../../domain/index.ts";
import type { SqlValue } from "../row.ts";
import type { SqlSession } from "../sql-session.ts";
import { openRow } from "./secret-columns.ts";
import { atomically, storeEnvelope } from "./stage.ts";

const BATCH = 1000;

/**
 * Stores other bytes in place of the envelope, in one transaction with what `alongside` writes. What they were before is
 * not kept.
 */
export async function replaceEnvelope(
  session: SqlSession,
  envelope: Uint8Array,
  alongside: () => Promise<void> = async () => {},
): Promise<void> {
  await atomically(session, async () => {
    await alongside();
    await storeEnvelope(session, envelope);
  });
}

/**
 * Seals every secret anew that does not begin with the box's prefix, in batches; done again, it goes on where it was
 * cut off. Answers the ids of keys whose secret does not open: they stay as they are.
 */
export async function resealSecrets(
  session: SqlSession,
  box: SecretBox & { readonly prefix: string },
  onProgress: (lastId: number) => void = () => {},
): Promise<readonly number[]> {
  const unreadable: number[] = [];
  const select = `select id, service, fingerprint, sealed from keys
    where id > ? and substr(sealed, 1, 4) <> ? order by id limit ${BATCH}`;
  for (let last = 0, read = BATCH; read === BATCH; ) {
    await atomically(session, async () => {
      const rows = await session.execute(select, [last, box.prefix]);
      read = rows.length;
      last = (rows.at(-1)?.id as number | undefined) ?? last;
      const values = rows.flatMap((row): SqlValue[] => {
        const secret = openRow(box, row);
        if (secret !== undefined) return [row.id as number, box.seal(row.service as Service, secret).sealed];
        unreadable.push(row.id as number);
        return [];
      });
      if (values.length > 0) await session.execute(updateOf(values.length / 2), values);
    });
    onProgress(last);
  }
  return unreadable;
}

/** Leaves nothing of what was overwritten in the tables. */
export async function forgetOverwritten(session: SqlSession): Promise<void> {
  if (session.dialect === "postgres") {
    for (const table of ["keys", "sealing"]) await session.execute(`vacuum full ${table}`);
    return;
  }
  await session.execute("vacuum");
  await session.execute("pragma wal_checkpoint(truncate)");
}

function updateOf(rows: number): string {
  return `update keys set sealed = made.column2
    from (values ${Array.from({ length: rows }, () => "(?, ?)").join(", ")}) as made
    where keys.id = cast(made.column1 as bigint)`;
}
