import { closeSync, fsyncSync, openSync, rmSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseError } from "../database-error.ts";
import type { DatabaseUrl } from "../database-url.ts";
import { SQLITE_FAULTS } from "../fault.ts";
import { opening } from "../opening.ts";
import { openNative } from "./native-sqlite.ts";
import { openReadOnlySqlite } from "./read-only-sqlite.ts";

export interface BackUp {
  /** Of the copy. */
  readonly bytes: number;
  readonly keys: number;
}

/**
 * Copies a database as it is at one instant into a new file that only its owner may read, also while a server writes to
 * it. Secrets stay sealed. When this resolves, the copy is checked and on the disk; when it rejects, there is none.
 * Throws a `DatabaseError`.
 */
export async function backUpSqlite(
  url: Extract<DatabaseUrl, { kind: "sqlite" }>,
  target: string,
): Promise<BackUp> {
  const source = await openReadOnlySqlite(url);
  try {
    return await opening(target, SQLITE_FAULTS, async () => {
      // SQLite writes into an empty file, and would make one that others may read.
      makeNew(target);
      try {
        // Writes the copy only, and is refused all the same while this is on.
        await source.execute("pragma query_only = off");
        await source.execute("vacuum into ?", [target]);
        const keys = checkedKeys(target);
        sync(target);
        sync(dirname(resolve(target)));
        return { bytes: statSync(target).size, keys };
      } catch (error) {
        rmSync(target, { force: true });
        throw error;
      }
    });
  } finally {
    await source.close();
  }
}

function makeNew(target: string): void {
  try {
    closeSync(openSync(target, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new DatabaseError("refused", `${target} exists already, and is left as it is`, { cause: error });
  }
}

function checkedKeys(target: string): number {
  const copy = openNative(target, { readonly: true });
  try {
    const [found] = copy.prepare("pragma quick_check").all([]);
    if (Object.values(found ?? {})[0] !== "ok") throw new DatabaseError("unusable", `${target} is damaged`);
    return Number(copy.prepare("select count(*) as keys from keys").all([])[0]?.keys);
  } finally {
    copy.close();
  }
}

function sync(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
