import type { Log, LogDraft, LogPage, LogQuery, ReportCount, ReportQuery } from "../../domain/index.ts";
import { IS_NOT_TRANSLATION, toLogEntry } from "./log-row.ts";
import { countReportsSql, toReportCount } from "./report-counts.ts";
import { placeholders, type Row, type Script, type SqlDatabase, type SqlValue } from "./sql-database.ts";

const PRUNED_TOGETHER = 500;

const SPAN = (order: "asc" | "desc") => `
  select created_at, id from logs where ${IS_NOT_TRANSLATION} = true union all
  select created_at, id from logs where ${IS_NOT_TRANSLATION} = false
  order by created_at ${order}, id ${order} limit ? offset ?`;

const DELETE = `delete from logs where id in (${placeholders(PRUNED_TOGETHER)})`;

const KEPT_TOTAL = "select coalesce(sum(total), 0) as total from log_totals";

// Ids are given one after the other and the oldest rows go first, so few are missing in between. Two
// sub-queries, because SQLite looks up one end of an index alone, and reads all of it for both.
const SPAN_OF_IDS = `select coalesce((select max(id) from logs) - (select min(id) from logs) + 1, 0) as total`;

/** Rows that can be read or skipped between two hand-outs without a noticeable delay. */
const FEW_ROWS = 1000;

export class SqlLog implements Log {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  append(entry: LogDraft): Promise<void> {
    return this.#database.write((journal) => appendEntry(journal, entry));
  }

  async list(query: LogQuery): Promise<LogPage> {
    const { offset, limit } = query;
    const { where, values } = conditions(query);
    // Ids first: they are found in the index alone, and only the page's own rows are read.
    const page = `select * from logs where id in (
      select id from logs where ${where} order by created_at desc, id desc limit ? offset ?
    ) order by created_at desc, id desc`;
    const bound = [...values, limit, offset];
    // The scanning thread starts with the first read of the log; reads that need no scan do not wait for it.
    const rows = await (isFoundAtOnce(query)
      ? this.#database.read(page, bound)
      : this.#database.scan(page, bound));
    this.#database.expectScan();
    const entries = rows.map(toLogEntry);
    const isLastPage = rows.length < limit && (rows.length > 0 || offset === 0);
    const total = isLastPage ? offset + rows.length : await this.#total(query, where, values);
    return { entries, total };
  }

  async countReports(query: ReportQuery): Promise<readonly ReportCount[]> {
    if (query.services.length === 0) return [];
    const { sql, values } = countReportsSql(query);
    return (await this.#database.scan(sql, values)).map(toReportCount);
  }

  async atMost(): Promise<number> {
    const [row] = await this.#database.read(this.#database.keepsLogTotals ? KEPT_TOTAL : SPAN_OF_IDS, []);
    return row?.total as number;
  }

  async prune(
    retention: { readonly before?: number; readonly keepRows?: number },
    limit: number,
  ): Promise<number> {
    const { before = Number.NEGATIVE_INFINITY, keepRows } = retention;
    const [excess] = keepRows === undefined ? [] : await this.#database.scan(SPAN("desc"), [1, keepRows]);
    const isDoomed = (row: Row) =>
      (row.created_at as number) < before || (excess !== undefined && !isNewer(row, excess));
    let removed = 0;
    while (removed < limit) {
      const wanted = Math.min(PRUNED_TOGETHER, limit - removed);
      const count = await this.#database.write(() => pruneOldest(wanted, isDoomed), PRUNED_TOGETHER);
      removed += count;
      if (count < wanted) break;
    }
    return removed;
  }

  async #total(query: LogQuery, where: string, values: readonly SqlValue[]): Promise<number> {
    const { services, keyId, action, statusCode, regions, tags, from, to } = query;
    // The kept total of speech includes the rows of no service.
    const areKept = this.#database.keepsLogTotals && services.includes("speech") === services.includes(null);
    const isKept = areKept && (keyId ?? regions ?? tags ?? from ?? to) === undefined;
    if (!isKept) {
      const [row] = await this.#database.scan(`select count(*) as total from logs where ${where}`, values);
      return row?.total as number;
    }
    const sql = `${KEPT_TOTAL} where service in (?, ?)
      and (? is null or action = ?) and (? is null or status_code = ?)`;
    const counted = (["speech", "translation"] as const).map((one) => (services.includes(one) ? one : null));
    const bound = [...counted, action ?? null, action ?? null, statusCode ?? null, statusCode ?? null];
    const [row] = await this.#database.read(sql, bound);
    return row?.total as number;
  }
}

// biome-ignore lint/correctness/useYield: the journal writes the row, together with all others
function* appendEntry(journal: LogDraft[], entry: LogDraft): Script<void> {
  journal.push(entry);
}

function* pruneOldest(count: number, isDoomed: (row: Row) => boolean): Script<number> {
  const oldest = yield { sql: SPAN("asc"), values: [count, 0] };
  const ids = oldest.filter(isDoomed).map((row) => row.id as number);
  if (ids.length === 0) return 0;
  yield { sql: DELETE, values: [...ids, ...new Array<number>(PRUNED_TOGETHER - ids.length).fill(0)] };
  return ids.length;
}

function isNewer(a: Row, b: Row): boolean {
  const difference = (a.created_at as number) - (b.created_at as number);
  return difference > 0 || (difference === 0 && (a.id as number) > (b.id as number));
}

/** Whether an index covers all of the query's conditions, so that only the rows of the page are read. */
function isFoundAtOnce({
  services,
  keyId,
  action,
  statusCode,
  regions,
  tags,
  offset,
  limit,
}: LogQuery): boolean {
  const isOneSpan = services.includes("speech") === services.includes(null) && new Set(services).size !== 3;
  const isIndexed =
    (action === undefined || statusCode === undefined) && action !== "set_status" && statusCode !== 200;
  return isOneSpan && isIndexed && (keyId ?? regions ?? tags) === undefined && offset + limit <= FEW_ROWS;
}

function ofServices(services: LogQuery["services"]): string {
  const terms: string[] = [];
  const [speech, none] = [services.includes("speech"), services.includes(null)];
  if (services.includes("translation")) terms.push(`${IS_NOT_TRANSLATION} = false`);
  if (speech && none) terms.push(`${IS_NOT_TRANSLATION} = true`);
  else if (speech) terms.push(`${IS_NOT_TRANSLATION} = true and service = 'speech'`);
  else if (none) terms.push(`${IS_NOT_TRANSLATION} = true and service is null`);
  return terms.length === 0 ? "1 = 0" : `(${terms.join(" or ")})`;
}

function conditions(query: LogQuery): { where: string; values: SqlValue[] } {
  const { services, keyId, action, statusCode, regions, tags, from, to } = query;
  const terms = [ofServices(services)];
  const values: SqlValue[] = [];
  const demand = (term: string, value: SqlValue) => {
    terms.push(term);
    values.push(value);
  };
  if (keyId !== undefined) demand("key_id = ?", keyId);
  if (action !== undefined) demand("action = ?", action);
  if (statusCode !== undefined) demand("status_code = ?", statusCode);
  if (from !== undefined) demand("created_at >= ?", from);
  if (to !== undefined) demand("created_at <= ?", to);
  if (regions !== undefined) {
    terms.push(`region in (${placeholders(regions.length)})`);
    values.push(...regions);
  }
  if (tags !== undefined) {
    terms.push(`key_id in (select id from keys where tag in (${placeholders(tags.length)}))`);
    values.push(...tags);
  }
  // The indexes of rare rows are partial; repeating their condition lets the planner use them.
  if (action !== undefined && action !== "set_status") terms.push("action <> 'set_status'");
  if (statusCode !== undefined && statusCode !== 200) terms.push("status_code <> 200");
  return { where: terms.join(" and "), values };
}
