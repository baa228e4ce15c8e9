import type { LogDraft } from "../log-entry.ts";

/** A setting as it is stored; what its text means, `parseSettings` knows. Instants are epoch milliseconds. */
export interface SettingEntry {
  readonly name: string;
  readonly value: string;
  readonly description: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A value and description from the instant `at` on, or the end of an entry. */
export type SettingChange =
  | { readonly name: string; readonly value: string; readonly description: string; readonly at: number }
  | { readonly name: string; readonly removed: true };

/** The durable settings. */
export interface SettingRepository {
  /** All entries, by name. */
  all(): Promise<readonly SettingEntry[]>;

  /**
   * Applies all changes and the log row, or none of them. A change of an entry keeps its `createdAt`.
   * Rejects with `storage_unavailable`.
   */
  apply(changes: readonly SettingChange[], entry: LogDraft | null): Promise<void>;

  /** Adds the entries whose names are not stored yet; never changes one that is. */
  seed(entries: readonly SettingEntry[]): Promise<void>;
}
