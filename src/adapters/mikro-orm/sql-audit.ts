import {
  type Audit,
  type AuditDraft,
  type AuditEntry,
  type AuditHead,
  type AuditPage,
  type AuditQuery,
  type AuditVerdict,
  type ChainedAuditEntry,
  chain,
  type Mac,
  NO_AUDIT,
  pruneDraft,
  verifyAudit,
} from "../../domain/index.ts";
import { toAuditEntry, toAuditValues } from "./audit-row.ts";
import type { Sql } from "./secrets/stage.ts";
import { placeholders, type Row, type Script, type SqlDatabase, type SqlValue } from "./sql-database.ts";

// An update locks the row until the commit, so that no other instance writes a row with the same number.
const LOCK_HEAD = "update audit_head set sequence = sequence where id = 1 returning sequence, code";
const MOVE_HEAD = "update audit_head set sequence = ?, code = ? where id = 1";
const READ_HEAD = "select sequence, code from audit_head where id = 1";
const INSERT = `insert into audit (sequence, created_at, actor_id, actor_name, actor_role, address, request_id, act,
  subject, value_before, value_after, failure, previous, code) values (${placeholders(14)})`;
const FIRST = "select min(sequence) as sequence from audit";
const FIRST_KEPT = "select min(sequence) as sequence from audit where created_at >= ?";
const DELETE = "delete from audit where sequence <= ?";
const PAGE = "select * from audit where sequence > ? and sequence <= ? order by sequence limit 1000";

export class SqlAudit implements Audit {
  readonly #database: SqlDatabase;
  readonly #mac: Mac;

  constructor(database: SqlDatabase, mac: Mac) {
    this.#database = database;
    this.#mac = mac;
  }

  append(draft: AuditDraft): Promise<AuditHead> {
    return this.#database.write(() => append(draft, this.#mac));
  }

  async list(query: AuditQuery): Promise<AuditPage> {
    const { where, values } = conditions(query);
    const { offset, limit } = query;
    const [rows, [count]] = await Promise.all([
      this.#database.scan(`select * from audit${where} order by sequence desc limit ? offset ?`, [
        ...values,
        limit,
        offset,
      ]),
      this.#database.scan(`select count(*) as total from audit${where}`, values),
    ]);
    return { entries: rows.map(toAuditEntry).map(withoutCodes), total: count?.total as number };
  }

  prune(before: number, limit: number, at: number): Promise<number> {
    const mac = this.#mac;
    return this.#database.write(function* (): Script<number> {
      const head = headIn(yield { sql: LOCK_HEAD, values: [] });
      const first = sequenceIn(yield { sql: FIRST, values: [] });
      if (first === undefined) return 0;
      const kept = sequenceIn(yield { sql: FIRST_KEPT, values: [before] }) ?? head.sequence + 1;
      const end = Math.min(kept, first + limit);
      if (end <= first) return 0;
      yield* append(pruneDraft(end - 1, at), mac);
      yield { sql: DELETE, values: [end - 1] };
      return end - first;
    }, limit);
  }

  async verify(): Promise<AuditVerdict> {
    const head = headIn(await this.#database.read(READ_HEAD, []));
    return verifyAudit(this.#pages(head.sequence), head, this.#mac);
  }

  /** What is written meanwhile is not read, for it is not what `head` speaks of. */
  async *#pages(through: number): AsyncGenerator<readonly ChainedAuditEntry[]> {
    let after = Number.MIN_SAFE_INTEGER;
    for (;;) {
      const rows = await this.#database.scan(PAGE, [after, Math.max(through, 0)]);
      if (rows.length === 0) return;
      yield rows.map(toAuditEntry);
      after = rows.at(-1)?.sequence as number;
    }
  }
}

function* append(draft: AuditDraft, mac: Mac): Script<AuditHead> {
  const entry = chain(draft, headIn(yield { sql: LOCK_HEAD, values: [] }), mac);
  const { sequence, code } = entry;
  yield { sql: INSERT, values: toAuditValues(entry) };
  yield { sql: MOVE_HEAD, values: [sequence, code] };
  return { sequence, code };
}

/**
 * Writes a row into the audit of a database that somebody has for himself, as a part of his transaction. What commands do
 * to a whole database is written down so.
 */
export async function appendAudit(session: Sql, draft: AuditDraft, mac: Mac): Promise<void> {
  const script = append(draft, mac);
  let step = script.next([]);
  while (!step.done) step = script.next(await session.execute(step.value.sql, step.value.values));
}

/** Somebody else may have taken the row away. */
function headIn([row]: readonly Row[]): AuditHead {
  return row ? { sequence: row.sequence as number, code: row.code as string } : NO_AUDIT;
}

function sequenceIn([row]: readonly Row[]): number | undefined {
  return (row?.sequence as number | null | undefined) ?? undefined;
}

function conditions({ act, actor, from, to }: AuditQuery): { where: string; values: SqlValue[] } {
  const terms: string[] = [];
  const values: SqlValue[] = [];
  const demand = (term: string, value: SqlValue | undefined) => {
    if (value === undefined) return;
    terms.push(term);
    values.push(value);
  };
  demand("act = ?", act);
  demand("actor_id = ?", actor);
  demand("created_at >= ?", from);
  demand("created_at <= ?", to);
  return { where: terms.length === 0 ? "" : ` where ${terms.join(" and ")}`, values };
}

function withoutCodes({ previous: _, code: __, ...entry }: ChainedAuditEntry): AuditEntry {
  return entry;
}
