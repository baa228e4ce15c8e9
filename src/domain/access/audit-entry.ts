import type { Role } from "./role.ts";

/** What people do that is written into the audit. */
export const AUDIT_ACTS = [
  "add_key",
  "update_key",
  "enable_key",
  "disable_key",
  "delete_key",
  "import_keys",
  "reveal_key",
  "export_keys",
  "test_key",
  "update_settings",
  "clean_up_logs",
  "create_token",
  "revoke_token",
  /** The commands that work on a whole database. */
  "rotate_master_key",
  "rotate_data_key",
  "copy_database",
  /** Old rows of the audit itself were removed. */
  "prune_audit",
] as const;

export type AuditAct = (typeof AUDIT_ACTS)[number];

/** Who acts. */
export interface AuditActor {
  /**
   * The token's id; `open door` while no token is needed, `env` for the token of the environment, `command line` for
   * who works on the database itself, `system` for the pool.
   */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Null for what has none. */
  readonly role: Role | null;
}

/** Who asks for an act, and from where; what comes from no network has neither address nor request. */
export interface Asker {
  readonly actor: AuditActor;
  readonly address: string | null;
  readonly requestId: string | null;
}

/** The id of whoever asks while no token is needed. */
export const OPEN_DOOR_ID = "open door";

/** Fields by name, without secrets, as JSON can hold them. */
export type AuditValues = Readonly<Record<string, unknown>>;

/** An act that is about to be done, or that has failed. */
export interface AuditDraft extends Asker {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly act: AuditAct;
  /** What it is done to, for people and without secrets, such as `speech key 7`. */
  readonly subject: string;
  readonly before: AuditValues | null;
  readonly after: AuditValues | null;
  /** Null when it is about to be done; why it failed, in the row that follows then. */
  readonly failure: string | null;
}

/** One row. */
export interface AuditEntry extends AuditDraft {
  /** Counts on by one from 1; a number that is missing is a row that was taken away. */
  readonly sequence: number;
}

/** Whoever may open the database, which takes no token. */
export const COMMAND_LINE_ASKER: Asker = {
  actor: { id: "command line", name: "whoever may open the database", role: null },
  address: null,
  requestId: null,
};

/** The pool itself. */
export const SYSTEM_ASKER: Asker = {
  actor: { id: "system", name: "the pool itself", role: null },
  address: null,
  requestId: null,
};

/** The row that says that all rows up to `through` were removed. */
export function pruneDraft(through: number, at: number): AuditDraft {
  return {
    ...SYSTEM_ASKER,
    ...{ at, act: "prune_audit", subject: "audit", before: null, after: { through }, failure: null },
  };
}
