import type { Mac } from "../ports/mac.ts";
import type { AuditDraft, AuditEntry } from "./audit-entry.ts";

/** A row as it is stored: under a code of itself and of the code of the row before it. */
export interface ChainedAuditEntry extends AuditEntry {
  /** The code of the row before; empty for the first. */
  readonly previous: string;
  readonly code: string;
}

/** The last row that was written, kept apart from the rows. */
export type AuditHead = Pick<ChainedAuditEntry, "sequence" | "code">;

/** Before the first row. */
export const NO_AUDIT: AuditHead = { sequence: 0, code: "" };

/** What became of the rows, as far as their codes tell. */
export type AuditVerdict =
  | { readonly intact: true; readonly rows: number }
  /** `at` is the first row that is missing, or that is not as it was written. */
  | { readonly intact: false; readonly at: number; readonly reason: "missing" | "changed" };

/** The row that follows `head`. */
export function chain(draft: AuditDraft, head: AuditHead, mac: Mac): ChainedAuditEntry {
  const entry = { ...draft, sequence: head.sequence + 1 };
  return { ...entry, previous: head.code, code: mac.of(codedValues(entry, head.code)) };
}

/** The same row under the code of another key, behind `previous`. */
export function chainAnew(entry: ChainedAuditEntry, previous: string, mac: Mac): ChainedAuditEntry {
  return { ...entry, previous, code: mac.of(codedValues(entry, previous)) };
}

/**
 * Whether all rows are there and as they were written. `pages` are in the order of the rows. Rows that the pool itself
 * has pruned are not missed. Rows that were taken away at the end are, unless `head` was set back with them: who can
 * write the storage can bring back an older state of it as a whole.
 */
export async function verifyAudit(
  pages: AsyncIterable<readonly ChainedAuditEntry[]> | Iterable<readonly ChainedAuditEntry[]>,
  head: AuditHead,
  mac: Mac,
): Promise<AuditVerdict> {
  let first: number | undefined;
  let last = NO_AUDIT;
  let rows = 0;
  let prunedThrough = 0;
  for await (const page of pages) {
    for (const entry of page) {
      const { sequence, previous, code, act, after } = entry;
      if (first !== undefined && sequence !== last.sequence + 1) return missing(last.sequence + 1);
      const follows = first === undefined ? sequence > 1 || previous === "" : previous === last.code;
      if (!follows || !mac.verify(codedValues(entry, previous), code)) return changed(sequence);
      first ??= sequence;
      last = { sequence, code };
      rows += 1;
      if (act === "prune_audit") prunedThrough = Number(after?.through);
    }
  }
  if (last.sequence !== head.sequence) return missing(last.sequence + 1);
  if (last.code !== head.code) return changed(last.sequence);
  if ((first ?? 1) !== prunedThrough + 1) return missing(prunedThrough + 1);
  return { intact: true, rows };
}

function missing(at: number): AuditVerdict {
  return { intact: false, at, reason: "missing" };
}

function changed(at: number): AuditVerdict {
  return { intact: false, at, reason: "changed" };
}

/** Everything but the code itself. */
function codedValues(entry: AuditEntry, previous: string): Parameters<Mac["of"]>[0] {
  const { sequence, at, actor, address, requestId, act, subject, before, after, failure } = entry;
  const values = [before, after].map((one) => (one === null ? null : JSON.stringify(one)));
  return [
    ...["audit", sequence, at, actor.id, actor.name, actor.role, address, requestId, act, subject],
    ...values,
    ...[failure, previous],
  ];
}
