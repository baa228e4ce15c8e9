import type { AuditHead, AuditVerdict } from "../access/audit-chain.ts";
import type { AuditAct, AuditDraft, AuditEntry } from "../access/audit-entry.ts";

/** Which rows to list; what is absent does not narrow the list. */
export interface AuditQuery {
  readonly act?: AuditAct;
  /** The id of who acted. */
  readonly actor?: string;
  /** At or after, epoch milliseconds. */
  readonly from?: number;
  /** At or before, epoch milliseconds. */
  readonly to?: number;
  /** Rows to leave out at the beginning. */
  readonly offset: number;
  /** Rows to return at most. */
  readonly limit: number;
}

/** A part of the rows that match a query. */
export interface AuditPage {
  /** The last written first. */
  readonly entries: readonly AuditEntry[];
  /** How many match in all. */
  readonly total: number;
}

/**
 * What people did, each row under a code of itself and of the row before, so that who can only write the storage can
 * neither make a row nor change one unseen. All methods reject with `storage_unavailable`.
 */
export interface Audit {
  /** Resolves with the row's number and code once it has been committed. Numbers have no gaps, on all instances. */
  append(draft: AuditDraft): Promise<AuditHead>;

  /** The rows that match. */
  list(query: AuditQuery): Promise<AuditPage>;

  /**
   * Removes the oldest rows, at most `limit`, as long as they are from before the instant `before`; a row of `at` says
   * so, in the same transaction. Answers how many; fewer than `limit` means that none are left. Nothing to remove
   * writes nothing.
   */
  prune(before: number, limit: number, at: number): Promise<number>;

  /** Reads all rows and says whether they are as they were written. */
  verify(): Promise<AuditVerdict>;
}
