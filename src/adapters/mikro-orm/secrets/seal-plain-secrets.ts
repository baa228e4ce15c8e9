import type { SecretBox, Service } from "../../../domain/index.ts";
import { DatabaseError } from "../database-error.ts";
import type { Row, SqlValue } from "../sql-database.ts";
import { cleanTexts } from "./clean-texts.ts";
import { dropPlainColumn, dropPlainIndex } from "./drop-plain-column.ts";
import type { OpeningDatabase } from "./opening-database.ts";
import { scanFiles } from "./scan-files.ts";
import { openRow } from "./secret-columns.ts";
import { atomically, readSealing, type Sql, type Step, writeStage } from "./stage.ts";
import { vacuum } from "./vacuum.ts";

/**
 * Fingerprints fall anywhere into an index, so that a batch rewrites nearly all of it: few large batches. Three values
 * of a row each stay below every limit on parameters.
 */
const BATCH = 10_000;

/** Secrets that are looked for in the files. */
const SAMPLES = 32;

/** What is shorter could be a word that is there for another reason. */
const SHORTEST_SAMPLE = 16;

type Run = (howFar: readonly string[]) => Promise<unknown>;

/** Goes on from the stage that is stored until it is `sealed`. Every step may be cut off and is then done again. */
export async function sealPlainSecrets(
  database: OpeningDatabase,
  box: SecretBox,
  onStep: (step: string) => void = () => {},
): Promise<void> {
  const { sql } = database;
  let wasFound = false;
  const steps: Readonly<Record<Exclude<Step, "plain" | "sealed">, Run>> = {
    sealing: ([last]) => sealBatch(sql, box, Number(last ?? 0)),
    cleaning: (howFar) => cleanTexts(sql, box, howFar, onStep),
    dropping: () =>
      atomically(sql, async () => {
        await dropPlainColumn(sql);
        await writeStage(sql, "vacuuming");
      }),
    vacuuming: async () => {
      await vacuum(database);
      // A file is ours to look into; what a server does with its own is not.
      await writeStage(sql, database.at.kind === "sqlite" ? "truncating" : "sealed");
    },
    truncating: async () => {
      const [row] = await sql.execute("pragma wal_checkpoint(truncate)");
      if (row?.busy !== 0) throw notSealed(database, "another connection keeps its write-ahead log busy");
      await writeStage(sql, "checking");
    },
    checking: async () => {
      const place = await findPlainSecret(database, box);
      if (place === undefined) return writeStage(sql, "sealed");
      await writeStage(sql, "vacuuming");
      if (wasFound) throw notSealed(database, `a plain copy of a secret is still in ${place}`);
      wasFound = true;
    },
  };
  for (;;) {
    const stage = (await readSealing(sql))?.stage ?? "plain";
    if (stage === "sealed") return;
    onStep(stage);
    const [step, ...howFar] = stage.split(" ");
    const run = steps[step as keyof typeof steps];
    if (run === undefined) throw notSealed(database, `a newer version has left it at ${step}`);
    await run(howFar);
  }
}

/** Without the old index: its pages would all be rewritten as well, by each batch. */
async function sealBatch(sql: Sql, box: SecretBox, last: number): Promise<void> {
  await atomically(sql, async () => {
    const rows = await sql.execute(
      `select id, service, secret from keys where sealed is null and id > ? order by id limit ${BATCH}`,
      [last],
    );
    if (rows.length === 0) return writeStage(sql, "cleaning");
    await dropPlainIndex(sql);
    const values = rows.flatMap((row): SqlValue[] => {
      const { fingerprint, sealed } = box.seal(row.service as Service, row.secret as string);
      return [row.id as number, fingerprint, sealed];
    });
    await sql.execute(
      `update keys set fingerprint = made.column2, sealed = made.column3, secret = ''
      from (values ${rows.map(() => "(?, ?, ?)").join(", ")}) as made
      where keys.id = cast(made.column1 as bigint)`,
      values,
    );
    await writeStage(sql, "sealing", rows.at(-1)?.id as number);
  });
}

/** The file that holds a plain secret of a sample; undefined when none does. */
async function findPlainSecret({ at, sql }: OpeningDatabase, box: SecretBox): Promise<string | undefined> {
  if (at.kind !== "sqlite") return undefined;
  const ids = (await sql.execute("select id from keys order by id")).map(({ id }) => id as number);
  const spread = Math.max(1, ids.length / SAMPLES);
  const samples: string[] = [];
  for (let n = 0; n < ids.length; n += spread) {
    const query = "select service, fingerprint, sealed from keys where id = ?";
    const [row] = await sql.execute(query, [ids[Math.floor(n)] as number]);
    const secret = openRow(box, row as Row);
    if (secret !== undefined && secret.length >= SHORTEST_SAMPLE) samples.push(secret);
  }
  return scanFiles(
    ["", "-wal", "-shm", "-journal"].map((suffix) => at.file + suffix),
    samples,
  );
}

function notSealed({ name }: OpeningDatabase, reason: string): DatabaseError {
  return new DatabaseError("refused", `${name} does not open: its secrets could not be sealed, ${reason}`);
}
