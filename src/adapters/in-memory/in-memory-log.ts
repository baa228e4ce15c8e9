import {
  isReport,
  type Log,
  type LogDraft,
  type LogEntry,
  type LogPage,
  type LogQuery,
  type ReportCount,
  type ReportQuery,
  reportClassOf,
} from "../../domain/index.ts";
import { InMemoryDatabase } from "./in-memory-database.ts";

export class InMemoryLog implements Log {
  readonly #database: InMemoryDatabase;

  constructor(database: InMemoryDatabase = new InMemoryDatabase()) {
    this.#database = database;
  }

  async append(entry: LogDraft): Promise<void> {
    this.#database.write(entry);
  }

  async list(query: LogQuery): Promise<LogPage> {
    const matching = this.#database.logs
      .filter((entry) => matches(entry, query) && this.#hasTag(entry, query))
      .sort(newestFirst);
    return { entries: matching.slice(query.offset, query.offset + query.limit), total: matching.length };
  }

  async countReports(query: ReportQuery): Promise<readonly ReportCount[]> {
    const { keyId, bucketMs } = query;
    const counts = new Map<string, ReportCount>();
    for (const entry of this.#database.logs) {
      const { at, statusCode } = entry;
      if (statusCode === null || !isReport(entry)) continue;
      if (!matches(entry, query) || !this.#hasTag(entry, query)) continue;
      const count = {
        at: at - (at % bucketMs),
        region: keyId === undefined ? entry.region : null,
        reportClass: reportClassOf(statusCode),
      };
      const key = JSON.stringify(count);
      counts.set(key, { ...count, total: (counts.get(key)?.total ?? 0) + 1 });
    }
    return [...counts.values()];
  }

  #hasTag({ keyId }: LogEntry, { tags }: Pick<LogQuery, "tags">): boolean {
    if (tags === undefined) return true;
    const key = keyId === null ? undefined : this.#database.keys.get(keyId);
    return key?.tag != null && tags.includes(key.tag);
  }

  async atMost(): Promise<number> {
    return this.#database.logs.length;
  }

  async prune(
    retention: { readonly before?: number; readonly keepRows?: number },
    limit: number,
  ): Promise<number> {
    const { before = Number.NEGATIVE_INFINITY, keepRows = Number.POSITIVE_INFINITY } = retention;
    const doomed = [...this.#database.logs]
      .sort(newestFirst)
      .filter((entry, index) => entry.at < before || index >= keepRows)
      .slice(-Math.max(limit, 1));
    const ids = new Set(doomed.map((entry) => entry.id));
    this.#database.logs = this.#database.logs.filter((entry) => !ids.has(entry.id));
    return doomed.length;
  }
}

function matches(entry: LogEntry, query: Omit<LogQuery, "offset" | "limit">): boolean {
  return (
    query.services.includes(entry.service) &&
    (query.regions === undefined || (entry.region !== null && query.regions.includes(entry.region))) &&
    (query.keyId === undefined || entry.keyId === query.keyId) &&
    (query.action === undefined || entry.action === query.action) &&
    (query.statusCode === undefined || entry.statusCode === query.statusCode) &&
    (query.from === undefined || entry.at >= query.from) &&
    (query.to === undefined || entry.at <= query.to)
  );
}

function newestFirst(a: LogEntry, b: LogEntry): number {
  return b.at - a.at || b.id - a.id;
}
