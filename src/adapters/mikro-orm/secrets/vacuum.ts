import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseError } from "../database-error.ts";
import type { OpeningDatabase } from "./opening-database.ts";

/** Rewrites the tables, so that nothing of what was overwritten is left in them. */
export async function vacuum({ name, sql, at }: OpeningDatabase): Promise<void> {
  if (sql.dialect === "postgres") {
    for (const table of ["keys", "logs", "settings"]) await sql.execute(`vacuum full ${table}`);
    return;
  }
  if (at.kind === "sqlite") checkSpace(name, at.file);
  await sql.execute("vacuum");
}

/** It is copied twice: into a temporary file, and from there into the write-ahead log. */
function checkSpace(name: string, file: string): void {
  const needed = 2 * statSync(file).size;
  const { bavail, bsize } = statfsSync(dirname(file));
  if (bavail * bsize >= needed) return;
  const megabytes = Math.ceil(needed / 2 ** 20);
  throw new DatabaseError(
    "refused",
    `${name} does not open: its secrets could not be sealed, for which ${megabytes} MB have to be free on its disk`,
  );
}
