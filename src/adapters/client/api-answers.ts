import type {
  KeyId,
  KeyStatus,
  LogAction,
  PartHealth,
  RowProblem,
  Service,
  SkipReason,
} from "../../domain/index.ts";

// The API's own words, so that its documentation holds here too. Times are ISO 8601 in UTC.

/** A key to use; the only answer that carries a secret. */
export interface HandedOutKey {
  readonly id: KeyId;
  /** The secret. */
  readonly key: string;
  readonly region: string;
  readonly keyname: string;
  readonly tag: string | null;
  readonly status: "enabled";
  readonly created_at: string;
}

/** Every key of the pool rests; the first one returns at `availableAt`. */
export interface AllCooling {
  readonly status: "all-cooling";
  readonly availableAt: string;
  /** The same by the server's clock, rounded up. */
  readonly retryAfterSeconds: number;
}

export interface NoKey {
  readonly status: "no-key";
}

export type HandOut = { readonly status: "handed-out"; readonly key: HandedOutKey } | AllCooling | NoKey;

export type ReportOutcome =
  | { readonly action: "keep_enabled" | "log"; readonly statusChanged: false }
  | { readonly action: "disable" | "cooldown"; readonly statusChanged: true }
  | { readonly action: "skip"; readonly reason: SkipReason; readonly statusChanged: false };

/** A key as anybody may see it. */
export interface ShownKey {
  readonly id: KeyId;
  /** The secret's first four characters and `***`. */
  readonly key: string;
  readonly service: Service;
  readonly region: string;
  readonly keyname: string;
  readonly tag: string | null;
  readonly status: KeyStatus;
  readonly cooldown_until: string | null;
  readonly protected_until: string | null;
  readonly disabled_by: "person" | "code" | null;
  readonly disabled_code: number | null;
  readonly disabled_at: string | null;
  readonly created_at: string;
}

export interface ListedKey extends ShownKey {
  readonly usage_count: number;
  readonly error_count: number;
  readonly last_used: string | null;
}

export interface PageInfo {
  readonly total: number;
  readonly page: number;
  readonly limit: number;
  readonly totalPages: number;
}

export interface KeyPage extends PageInfo {
  readonly keys: readonly ListedKey[];
}

export interface LogRow {
  readonly id: number;
  readonly key_id: KeyId | null;
  readonly action: LogAction;
  readonly status_code: number | null;
  readonly note: string | null;
  readonly created_at: string;
  readonly keyname: string | null;
  readonly region: string | null;
}

export interface LogPage extends PageInfo {
  readonly logs: readonly LogRow[];
}

export interface Statistics {
  readonly cooldown: {
    readonly totalKeys: number;
    readonly cooldownKeys: number;
    readonly enabledKeys: number;
    readonly disabledKeys: number;
  };
  readonly cooldownKeys: readonly {
    readonly key: string;
    readonly region: string;
    readonly cooldownUntil: string;
    readonly remainingSeconds: number;
  }[];
}

export interface ConfigEntry {
  readonly config_key: string;
  readonly config_value: string;
  readonly description: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Health {
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly version: string;
  /** Seconds. */
  readonly uptime: number;
  readonly parts: Readonly<Record<string, PartHealth>>;
}

/** What Azure said about a key, and what that did to it. */
export interface KeyTestData {
  /** The HTTP status Azure gave. */
  readonly statusCode: number;
  /** Bytes of speech, of a synthesis. */
  readonly audioSize?: number;
  /** Of a recognition. */
  readonly transcription?: string;
  readonly recognitionStatus?: string | null;
  /** Of a translation. */
  readonly translation?: string | null;
  /** Azure's own answer, of a recognition or a translation. */
  readonly rawResponse?: unknown;
  readonly retryAfterSeconds?: number;
  /** Null when the test was of no key of the pool. */
  readonly statusUpdate: (ReportOutcome & { readonly message: string }) | null;
  readonly warning?: string;
}

export type KeyTestResult =
  | ({ readonly works: true } & KeyTestData)
  | ({ readonly works: false; readonly reason: string } & KeyTestData);

export interface ImportVerdict {
  readonly valid: boolean;
  readonly total: number;
  readonly errors: readonly RowProblem[];
  readonly warnings: readonly RowProblem[];
}

export interface ImportReport {
  readonly total: number;
  /** Created or overwritten. */
  readonly success: number;
  readonly failed: number;
  readonly skipped: number;
  /** One for each row, in the order of the rows. */
  readonly results: readonly ImportedRow[];
}

export interface ImportedRow {
  readonly index: number;
  /** Absent when there is no such key. */
  readonly id?: KeyId;
  /** The secret's first four characters and `***`. */
  readonly key: string;
  readonly status: "created" | "updated" | "skipped" | "failed";
  /** Why it was skipped or failed. */
  readonly error?: string;
}

export interface CleanupStatus {
  readonly running: boolean;
  readonly last_run: string | null;
  /** By the last run. */
  readonly rows_removed: number;
  readonly next_run: string | null;
  readonly settings: { readonly log_retention_days: number; readonly log_max_rows: number };
}
