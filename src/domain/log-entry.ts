import type { KeyId } from "./key.ts";
import type { Service } from "./service.ts";

export const LOG_ACTIONS = [
  "set_status",
  "disable_key",
  "cooldown_start",
  "enable_key",
  "add_key",
  "update_key",
  "delete_key",
  "test",
  "import_keys",
  "update_config",
] as const;

/** One row per act; `set_status` is a report that changed nothing. */
export type LogAction = (typeof LOG_ACTIONS)[number];

/** What happened, to which key, when. Name and region are copied, so that they outlive the key. */
export interface LogDraft {
  /** Null for what concerns no service. */
  readonly service: Service | null;
  readonly keyId: KeyId | null;
  readonly keyName: string | null;
  readonly region: string | null;
  readonly action: LogAction;
  readonly statusCode: number | null;
  readonly note: string | null;
  readonly at: number;
}

export interface LogEntry extends LogDraft {
  readonly id: number;
}
