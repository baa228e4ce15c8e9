import { sqliteFault } from "../fault.ts";
import { openNative } from "./native-sqlite.ts";

/** Another process, or another part of this one, has the database open. */
export class DatabaseInUse extends Error {
  override readonly name = "DatabaseInUse";
  readonly code = "database_in_use";

  constructor(file: string) {
    super(
      `The database ${file} is in use: another process owns it, and a SQLite file has one owner at a time`,
    );
  }
}

export interface OwnerLock {
  release(): void;
}

/**
 * Takes the file for this process: an exclusive lock on a small file beside it, held until released. The
 * operating system drops it when the process ends, however it ends, so nothing stale stays behind.
 */
export function lockOwner(file: string): OwnerLock {
  const lock = openNative(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    if (sqliteFault(error) === "busy") throw new DatabaseInUse(file);
    throw error;
  }
  return { release: () => lock.close() };
}
