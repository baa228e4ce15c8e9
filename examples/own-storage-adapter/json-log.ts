import { isReport, reportClassOf } from "azure-key-pool/domain";
import type {
  Log,
  LogDraft,
  LogEntry,
  LogPage,
  LogQuery,
  ReportCount,
  ReportQuery,
} from "azure-key-pool/ports";
import type { JsonFile } from "./json-file.ts";

export class JsonLog implements Log {
  readonly #file: JsonFile;

  constructor(file: JsonFile) {
    this.#file = file;
  }

  async append(entry: LogDraft): Promise<void> {
    this.#file.addLog(entry);
    await this.#file.saved();
  }

  async list({ offset, limit, ...query }: LogQuery): Promise<LogPage> {
    const entries = this.#matching(query);
    return { entries: entries.slice(offset, offset + limit), total: entries.length };
  }

  async countReports({ bucketMs, ...query }: ReportQuery): Promise<readonly ReportCount[]> {
    const counts = new Map<string, ReportCount>();
    for (const entry of this.#matching(query)) {
      const { at, statusCode } = entry;
      if (statusCode === null || !isReport(entry)) continue;
      const region = query.keyId === undefined ? entry.region : null;
      const count = { at: at - (at % bucketMs), region, reportClass: reportClassOf(statusCode) };
      const key = JSON.stringify(count);
      counts.set(key, { ...count, total: (counts.get(key)?.total ?? 0) + 1 });
    }
    return [...counts.values()];
  }

  #matching(query: Omit<LogQuery, "offset" | "limit">): readonly LogEntry[] {
    const { services, keyId, action, statusCode, regions, tags, from, to } = query;
    return this.#newestFirst().filter(
      (entry) =>
        services.includes(entry.service) &&
        (regions === undefined || regions.includes(entry.region ?? "")) &&
        (tags === undefined || tags.includes(this.#tagOf(entry) ?? "")) &&
        (keyId ?? entry.keyId) === entry.keyId &&
        (action ?? entry.action) === entry.action &&
        (statusCode ?? entry.statusCode) === entry.statusCode &&
        (from ?? entry.at) <= entry.at &&
        (to ?? entry.at) >= entry.at,
    );
  }

  async atMost(): Promise<number> {
    return this.#file.content.logs.length;
  }

  async prune({ before, keepRows }: Parameters<Log["prune"]>[0], limit: number): Promise<number> {
    const condemned = this.#newestFirst()
      .filter(({ at }, index) => at < (before ?? at) || index >= (keepRows ?? Number.POSITIVE_INFINITY))
      .slice(-limit);
    const { content } = this.#file;
    content.logs = content.logs.filter((entry) => !condemned.includes(entry));
    await this.#file.saved();
    return condemned.length;
  }

  #tagOf({ keyId }: LogEntry): string | null | undefined {
    return this.#file.content.keys.find(({ id }) => id === keyId)?.tag;
  }

  #newestFirst(): readonly LogEntry[] {
    return this.#file.content.logs.toSorted((a, b) => b.at - a.at || b.id - a.id);
  }
}
