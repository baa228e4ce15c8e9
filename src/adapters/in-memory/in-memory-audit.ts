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
import { InMemoryDatabase } from "./in-memory-database.ts";

/** Nobody else can write here, so that a code is needed only by who wants to see one. */
const NO_CODE: Mac = { of: () => "", verify: (_, code) => code === "" };

export class InMemoryAudit implements Audit {
  readonly #database: InMemoryDatabase;
  readonly #mac: Mac;

  constructor(database: InMemoryDatabase = new InMemoryDatabase(), mac: Mac = NO_CODE) {
    this.#database = database;
    this.#mac = mac;
  }

  async append(draft: AuditDraft): Promise<AuditHead> {
    return this.#append(draft);
  }

  async list({ act, actor, from, to, offset, limit }: AuditQuery): Promise<AuditPage> {
    const matching = this.#database.audit
      .filter(
        (entry) =>
          (act === undefined || entry.act === act) &&
          (actor === undefined || entry.actor.id === actor) &&
          (from === undefined || entry.at >= from) &&
          (to === undefined || entry.at <= to),
      )
      .reverse();
    return { entries: matching.slice(offset, offset + limit).map(withoutCodes), total: matching.length };
  }

  async prune(before: number, limit: number, at: number): Promise<number> {
    const { audit } = this.#database;
    const kept = audit.findIndex((entry) => entry.at >= before);
    const count = Math.min(kept < 0 ? audit.length : kept, limit);
    const last = audit[count - 1];
    if (last === undefined) return 0;
    this.#append(pruneDraft(last.sequence, at));
    this.#database.audit = this.#database.audit.slice(count);
    return count;
  }

  verify(): Promise<AuditVerdict> {
    const { audit } = this.#database;
    return verifyAudit([audit], audit.at(-1) ?? NO_AUDIT, this.#mac);
  }

  #append(draft: AuditDraft): AuditHead {
    const { audit } = this.#database;
    const entry = chain(draft, audit.at(-1) ?? NO_AUDIT, this.#mac);
    audit.push(entry);
    return { sequence: entry.sequence, code: entry.code };
  }
}

function withoutCodes({ previous: _, code: __, ...entry }: ChainedAuditEntry): AuditEntry {
  return entry;
}
