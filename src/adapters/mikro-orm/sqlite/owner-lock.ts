import { chmodSync, statSync } from "node:fs";
import { DatabaseError } from "../database-error.ts";
import { SQLITE_FAULTS } from "../fault.ts";
import { makeForOwner } from "./make-for-owner.ts";
import { openNative } from "./native-sqlite.ts";

export interface OwnerLock {
  release(): void;
}

/**
 * Takes the file for this process: an exclusive lock on a small file beside it, held until released. The
 * operating system drops it when the process ends, however it ends, so nothing stale stays behind.
 */
export function lockOwner(file: string, name: string): OwnerLock {
  const lockFile = `${file}.lock`;
  makeForOwner(lockFile);
  // Others who may read it may lock it too, and so keep this process from starting.
  if ((statSync(lockFile).mode & 0o077) !== 0) chmodSync(lockFile, 0o600);
  const lock = openNative(lockFile, { timeout: 0 });
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
