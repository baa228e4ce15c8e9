import type { Log, ReportCount, ReportQuery, Scope } from "../../domain/index.ts";

/** How many codes were reported over time, by class and region, the oldest first. */
export class CountReports {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** With `scope` only of keys in it; where it names tags none of keys that are gone. */
  async execute(query: ReportQuery, scope: Scope = {}): Promise<readonly ReportCount[]> {
    const services = common(query.services, scope.services) ?? [];
    const regions = common(query.regions, scope.regions);
    const tags = common(query.tags, scope.tags);
    if (services.length === 0 || regions?.length === 0 || tags?.length === 0) return [];
    const asked = { ...query, services, ...(regions && { regions }), ...(tags && { tags }) };
    const counts = await this.#log.countReports(asked);
    return counts.toSorted((a, b) => a.at - b.at || (a.region ?? "").localeCompare(b.region ?? ""));
  }
}

/** What is in both; undefined for no bounds. */
function common<T>(asked: readonly T[] | undefined, allowed: readonly T[] | undefined) {
  if (asked === undefined || allowed === undefined) return asked ?? allowed;
  return asked.filter((one) => allowed.includes(one));
}
