import { DatabaseError } from "../database-error.ts";
import { SQLITE_FAULTS } from "../fault.ts";
import { openNative } from "./native-sqlite.ts";

export interface OwnerLock {
  release(): void;
}

/**
 * Takes the file for this process: an exclusive lock on a small file beside it, held until released. The
 * operating system drops it when the process ends, however it ends, so nothing stale stays behind.
 */
export function lockOwner(file: string, name: string): OwnerLock {
  const lock = openNative(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    if (SQLITE_FAULTS.kindOf(error) !== "busy") throw error;
    throw new DatabaseError(
      "in_use",
      `${name} is in use: another process has it open, and a SQLite file has one owner at a time`,
      { cause: error },
    );
  }
  return { release: () => lock.close() };
}
