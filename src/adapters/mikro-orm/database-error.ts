/**
 * - `in_use`: another process has the database open, and the two may not share it.
 * - `refused`: it is not ours to open: rights, user, password, or there is no such database.
 * - `unreachable`: it does not answer, or not now; trying again later may help.
 * - `unusable`: what is there is not, or no longer, a database of ours.
 */
export type DatabaseErrorCode = "in_use" | "refused" | "unreachable" | "unusable";

/** A database does not open. The message is one line for people, names the database and holds no password. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
