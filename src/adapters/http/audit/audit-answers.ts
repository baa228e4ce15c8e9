import type { AuditAct, AuditEntry, Role } from "../../../domain/index.ts";
import { isoTime } from "../server/iso-time.ts";
import type { PageInfo } from "../server/paging.ts";

/** One row of the audit. */
export interface AuditedAct {
  /** Counts on by one; a number that is missing is a row that was taken away. */
  readonly sequence: number;
  readonly at: string;
  readonly actor: {
    /** A token's id, or `open door`, `env`, `command line`, `system`. */
    readonly id: string;
    readonly name: string;
    readonly role: Role | null;
  };
  readonly address: string | null;
  readonly request_id: string | null;
  readonly act: AuditAct;
  readonly subject: string;
  /** Without secrets. */
  readonly before: Readonly<Record<string, unknown>> | null;
  /** Without secrets. */
  readonly after: Readonly<Record<string, unknown>> | null;
  /** Null when it was about to be done; why it was not, in the row that follows then. */
  readonly failure: string | null;
}

export interface AuditPageAnswer extends PageInfo {
  readonly acts: readonly AuditedAct[];
}

export function presentAct(entry: AuditEntry): AuditedAct {
  const { sequence, at, actor, address, requestId, act, subject, before, after, failure } = entry;
  const { id, name, role } = actor;
  return {
    ...{ sequence, at: isoTime(at), actor: { id, name, role }, address, request_id: requestId },
    ...{ act, subject, before, after, failure },
  };
}
