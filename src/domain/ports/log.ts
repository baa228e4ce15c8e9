import type { KeyId } from "../key.ts";
import type { LogAction, LogDraft, LogEntry } from "../log-entry.ts";
import type { ReportClass } from "../report-class.ts";
import type { Service } from "../service.ts";

/** Which rows to list; what is absent does not narrow the list. */
export interface LogQuery {
  /** Rows of these services; null means rows of no service, such as changes of settings. */
  readonly services: readonly (Service | null)[];
  readonly keyId?: KeyId;
  readonly action?: LogAction;
  readonly statusCode?: number;
  /** Rows of one of these regions. */
  readonly regions?: readonly string[];
  /** Rows of keys that are there now with one of these tags. */
  readonly tags?: readonly string[];
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
export interface LogPage {
  /** Newest first, ties by the higher id. */
  readonly entries: readonly LogEntry[];
  /** How many match in all. */
  readonly total: number;
}

/** Which reports to count; what is absent does not narrow them. */
export interface ReportQuery {
  readonly services: readonly Service[];
  readonly keyId?: KeyId;
  /** Of keys that were in one of these regions. */
  readonly regions?: readonly string[];
  /** Of keys that are there now with one of these tags. */
  readonly tags?: readonly string[];
  /** At or after, epoch milliseconds. */
  readonly from: number;
  /** At or before, epoch milliseconds. */
  readonly to: number;
  /** How long a bucket is, milliseconds. */
  readonly bucketMs: number;
}

/** How many codes of a class were reported in a bucket of time. */
export interface ReportCount {
  /** When the bucket begins, epoch milliseconds: a multiple of its length. */
  readonly at: number;
  /** Null where the reports of one key were asked for. */
  readonly region: string | null;
  readonly reportClass: ReportClass;
  /** At least 1. */
  readonly total: number;
}

/** What happened, a row for each act. The row of a key's change is written with it, by the key repository. */
export interface Log {
  /** Resolves when the row has been committed; rejects with `storage_unavailable`. */
  append(entry: LogDraft): Promise<void>;

  /** The rows that match. */
  list(query: LogQuery): Promise<LogPage>;

  /**
   * Counts rows of `REPORT_ACTIONS` that have a status code, by bucket, class and, without `keyId`, region; in no
   * order. Reads all rows of the time asked for, so whoever asks bounds that.
   */
  countReports(query: ReportQuery): Promise<readonly ReportCount[]>;

  /**
   * How many rows there are at most: the number itself, or a little more where counting would cost. Cheap
   * enough to be asked every second.
   */
  atMost(): Promise<number>;

  /**
   * Removes at most `limit` rows, oldest first, that are older than `before` or beyond the newest `keepRows`
   * (each may be absent). Returns how many were removed; fewer than `limit` means that none are left.
   */
  prune(retention: { readonly before?: number; readonly keepRows?: number }, limit: number): Promise<number>;
}
