import {
  type AuditDraft,
  type AuditHead,
  type ChainedAuditEntry,
  chainAnew,
  type Mac,
  NO_AUDIT,
  type Service,
  verifyAudit,
} from "../../domain/index.ts";
import { AuditHeadRow, AuditRow, toAuditEntry } from "./audit-row.ts";
import { KeyRow } from "./key-row.ts";
import { LogRow } from "./log-row.ts";
import { SettingRow } from "./setting-row.ts";
import { appendAudit } from "./sql-audit.ts";
import { placeholders, type Row, type SqlValue } from "./sql-database.ts";
import type { SqlSession } from "./sql-session.ts";
import { codedValues, NO_CODE, readTokenRow, TokenRow } from "./token-row.ts";

export interface CopyProgress {
  readonly table: TableName;
  readonly done: number;
  readonly total: number;
}

export type TableName = (typeof TABLES)[number]["name"];
export type Counts = Readonly<Record<TableName, number>>;

/** The copy was not made, and the target is as it was. The message says why and holds no secret. */
export class CopyRefused extends Error {
  override readonly name = "CopyRefused";
}

/** How many rows one statement takes: 21 columns of them stay below every limit on parameters. */
const CHUNK = 1000;
const LOCK_TIMEOUT_MS = 10_000;

/** Of both layouts. The secret comes last. */
const KEY_COLUMNS = columnsOf(KeyRow).filter((name) => !["secret", "fingerprint", "sealed"].includes(name));

const TABLES = [
  { name: "settings", id: "name", columns: columnsOf(SettingRow), hasIds: false },
  { name: "tokens", id: "id", columns: columnsOf(TokenRow), hasIds: false },
  { name: "audit", id: "sequence", columns: columnsOf(AuditRow), hasIds: false },
  { name: "audit_head", id: "id", columns: columnsOf(AuditHeadRow), hasIds: false },
  { name: "keys", id: "id", columns: KEY_COLUMNS, hasIds: true },
  { name: "logs", id: "id", columns: columnsOf(LogRow), hasIds: true },
] as const;

type Table = (typeof TABLES)[number];

/** What vouches for rows of the source, and for those of the target. */
export interface Codes {
  readonly source: Mac;
  readonly target: Mac;
}

/** The codes of tokens, and those of the audit. */
export interface CopiedCodes {
  readonly tokens: Codes;
  readonly audit: Codes;
}

const NO_CODES: Codes = { source: NO_CODE, target: NO_CODE };

/** What a start, and the first tokens, have put into the target. */
const REPLACED: readonly TableName[] = ["settings", "tokens", "audit", "audit_head"];

/**
 * Makes the target hold what the source holds, ids and counters included, in one transaction: a copy that is
 * cut off leaves nothing. Before it is committed it is compared with the source. Secrets are stored as the target
 * stores them, whatever the source does; a token that the source's code does not vouch for is left out.
 *
 * Throws `CopyRefused` when the target has keys or logs, when a secret of the source does not open, or when the two
 * differ afterwards. Settings, tokens and audit that the target has are replaced. What `draftOf` says of the copy is the
 * last row of the target's audit.
 */
export async function copyDatabase(
  source: SqlSession,
  target: SqlSession,
  onProgress: (progress: CopyProgress) => void = () => {},
  codes: CopiedCodes = { tokens: NO_CODES, audit: NO_CODES },
  draftOf?: (counts: Counts) => AuditDraft,
): Promise<Counts> {
  await beginReading(source);
  await beginWriting(target);
  try {
    await refuseFilled(target);
    for (const name of REPLACED) await target.execute(`delete from ${name}`);
    const counts = { settings: 0, tokens: 0, audit: 0, audit_head: 0, keys: 0, logs: 0 };
    for (const table of TABLES) counts[table.name] = await copyTable(source, target, table, onProgress);
    for (const table of TABLES) await compare(source, target, table);
    counts.tokens = await codeAnew(target, codes.tokens);
    await chainAuditAnew(target, codes.audit);
    await compareTotals(target);
    for (const table of TABLES) if (table.hasIds) await goOnFrom(target, table, await lastId(source, table));
    if (draftOf) await appendAudit(target, draftOf(counts), codes.audit.target);
    await target.execute("commit");
    return counts;
  } catch (error) {
    // The first error is the one to report; a lost connection has rolled back by itself.
    await target.execute("rollback").catch(() => {});
    throw error;
  } finally {
    await source.execute("rollback").catch(() => {});
  }
}

/** A snapshot: one state of the source for all tables, also while others write. */
async function beginReading(source: SqlSession): Promise<void> {
  await source.execute(
    source.dialect === "sqlite" ? "begin" : "begin transaction isolation level repeatable read, read only",
  );
}

async function beginWriting(target: SqlSession): Promise<void> {
  if (target.dialect === "sqlite") {
    await target.execute("begin immediate");
    return;
  }
  await target.execute("begin");
  await target.execute(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  // Blocks other writers, so that an empty target stays empty until the copy is in it.
  await target.execute("lock table keys, logs, settings, tokens, audit, audit_head in exclusive mode");
}

async function refuseFilled(target: SqlSession): Promise<void> {
  for (const name of ["keys", "logs"]) {
    const [row] = await target.execute(`select 1 as found from ${name} limit 1`);
    if (row) throw new CopyRefused(`the target has ${name} already; a copy needs an empty one`);
  }
}

async function copyTable(
  source: SqlSession,
  target: SqlSession,
  table: Table,
  onProgress: (progress: CopyProgress) => void,
): Promise<number> {
  const total = await one(source, `select count(*) as n from ${table.name}`);
  let done = 0;
  onProgress({ table: table.name, done, total });
  for await (const rows of pages(source, table)) {
    const values = rows.flatMap((row) => storedBy(target, table, contentOf(source, table, row)));
    await target.execute(insertOf(target, table, rows.length), values);
    done += rows.length;
    onProgress({ table: table.name, done, total });
  }
  return done;
}

async function* pages(session: SqlSession, table: Table): AsyncGenerator<readonly Row[]> {
  const { name, id } = table;
  const select = `select ${columnsIn(session, table).join(", ")} from ${name}`;
  const order = `order by ${id} limit ${CHUNK}`;
  let rows = await session.execute(`${select} ${order}`);
  while (rows.length > 0) {
    yield rows;
    if (rows.length < CHUNK) return;
    rows = await session.execute(`${select} where ${id} > ? ${order}`, [rows.at(-1)?.[id] as SqlValue]);
  }
}

function columnsIn({ secrets }: SqlSession, { name, columns }: Table): readonly string[] {
  return name === "keys" ? [...columns, ...secrets.columns] : columns;
}

/** The values of a row, the same in whatever layout: a secret is plain, and last. */
function contentOf({ secrets }: SqlSession, { name, columns }: Table, row: Row): readonly SqlValue[] {
  const values = columns.map((column) => row[column] ?? null);
  if (name !== "keys") return values;
  const secret = secrets.secretOf(row);
  if (secret === undefined) throw new CopyRefused(`the secret of key ${row.id} does not open`);
  return [...values, secret];
}

/** The values of a content as the session stores them, in the order of `columnsIn`. */
function storedBy({ secrets }: SqlSession, { name, columns }: Table, content: readonly SqlValue[]) {
  if (name !== "keys") return content;
  const service = content[columns.indexOf("service")] as Service;
  return [...content.slice(0, -1), ...secrets.valuesOf({ service, secret: content.at(-1) as string })];
}

function insertOf(target: SqlSession, table: Table, count: number): string {
  const { name } = table;
  const columns = columnsIn(target, table);
  const row = `(${placeholders(columns.length)})`;
  return `insert into ${name} (${columns.join(", ")}) values ${Array.from({ length: count }, () => row).join(", ")}`;
}

/** Keys and settings value by value; of the log, which may be long, what one pass adds up. */
async function compare(source: SqlSession, target: SqlSession, table: Table): Promise<void> {
  const [there, here] = [await summary(source, table), await summary(target, table)];
  if (there !== here) {
    throw new CopyRefused(`${table.name} differ after the copy: source ${there}, target ${here}`);
  }
  if (table.name === "logs") return;
  const known = new Map<SqlValue | undefined, string>();
  for await (const rows of pages(source, table)) {
    for (const row of rows) known.set(row[table.id], textOf(source, table, row));
  }
  for await (const rows of pages(target, table)) {
    for (const row of rows) {
      if (known.get(row[table.id]) === textOf(target, table, row)) continue;
      throw new CopyRefused(
        `${table.name} differ after the copy: ${table.id} ${row[table.id]} has other values`,
      );
    }
  }
}

async function summary(session: SqlSession, { name }: Table): Promise<string> {
  const sums = {
    settings: "",
    tokens: "",
    audit: ", max(sequence) as last",
    audit_head: "",
    keys: ", max(id) as last",
    logs: `, max(id) as last, ${LOG_SUMS}`,
  }[name];
  const [row] = await session.execute(`select count(*) as n${sums} from ${name}`);
  return JSON.stringify(row);
}

// The remainder keeps the sum of any number of instants within 64 bits.
const LOG_SUMS = `sum(key_id) as keys, sum(status_code) as codes, count(service) as services,
  sum(created_at % 1000000) as instants, sum(length(note)) as notes, sum(length(keyname)) as names,
  count(actor) as actors`;

function textOf(session: SqlSession, table: Table, row: Row): string {
  return JSON.stringify(contentOf(session, table, row));
}

/** Answers how many tokens stay. */
async function codeAnew(target: SqlSession, codes: Codes): Promise<number> {
  if (codes.source === codes.target) return one(target, "select count(*) as n from tokens");
  const rows = (await target.execute("select * from tokens")).map(readTokenRow);
  for (const row of rows) {
    const values = codedValues(row);
    if (codes.source.verify(values, row.code))
      await target.execute("update tokens set code = ? where id = ?", [codes.target.of(values), row.id]);
    else await target.execute("delete from tokens where id = ?", [row.id]);
  }
  return one(target, "select count(*) as n from tokens");
}

/** An audit that is not as the source wrote it is not vouched for again. */
async function chainAuditAnew(target: SqlSession, codes: Codes): Promise<void> {
  if (codes.source === codes.target) return;
  const verdict = await verifyAudit(auditPages(target), await auditHead(target), codes.source);
  if (!verdict.intact)
    throw new CopyRefused(`the audit of the source is ${verdict.reason} from row ${verdict.at} on`);
  let previous: string | undefined;
  for await (const page of auditPages(target)) {
    for (const entry of page) {
      // The first row that is kept goes on from one that was pruned.
      const chained = chainAnew(entry, previous ?? entry.previous, codes.target);
      const { sequence, code } = chained;
      const values = [chained.previous, code, sequence];
      await target.execute("update audit set previous = ?, code = ? where sequence = ?", values);
      await target.execute("update audit_head set sequence = ?, code = ?", [sequence, code]);
      previous = code;
    }
  }
}

async function auditHead(target: SqlSession): Promise<AuditHead> {
  const [row] = await target.execute("select sequence, code from audit_head");
  return row ? { sequence: row.sequence as number, code: row.code as string } : NO_AUDIT;
}

async function* auditPages(target: SqlSession): AsyncGenerator<readonly ChainedAuditEntry[]> {
  for (let after = 0; ; ) {
    const sql = `select * from audit where sequence > ? order by sequence limit ${CHUNK}`;
    const rows = (await target.execute(sql, [after])).map(toAuditEntry);
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1)?.sequence ?? after;
  }
}

/** Where triggers keep totals of the log, they have counted what was copied. */
async function compareTotals(target: SqlSession): Promise<void> {
  if (target.dialect !== "sqlite") return;
  const difference = await one(
    target,
    "select (select count(*) from logs) - (select coalesce(sum(total), 0) from log_totals) as n",
  );
  if (difference !== 0)
    throw new CopyRefused(`the totals of the log are off by ${difference} after the copy`);
}

/** The last id ever given, perhaps to a row that is gone: ids are never given twice. */
async function lastId(session: SqlSession, { name }: Table): Promise<number> {
  return session.dialect === "sqlite"
    ? one(session, "select coalesce(max(seq), 0) as n from sqlite_sequence where name = ?", [name])
    : one(session, `select coalesce(pg_sequence_last_value(${SEQUENCE}::regclass), 0) as n`, [name]);
}

const SEQUENCE = "pg_get_serial_sequence(?, 'id')";

async function goOnFrom(target: SqlSession, { name }: Table, last: number): Promise<void> {
  if (last === 0) return;
  if (target.dialect === "postgres") {
    await target.execute(`select setval(${SEQUENCE}::regclass, ?)`, [name, last]);
    return;
  }
  await target.execute("delete from sqlite_sequence where name = ?", [name]);
  await target.execute("insert into sqlite_sequence (name, seq) values (?, ?)", [name, last]);
}

async function one(session: SqlSession, sql: string, values: readonly SqlValue[] = []): Promise<number> {
  const [row] = await session.execute(sql, values);
  return row?.n as number;
}

function columnsOf(entity: { readonly meta: { readonly properties: object } }): readonly string[] {
  return Object.keys(entity.meta.properties);
}
