import type { Log, LogPage, LogQuery, Scope } from "../../domain/index.ts";

/** What happened, newest first. */
export class ListLogs {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** With `scope` only what concerns keys in it: no settings, and where it names tags nothing of keys that are gone. */
  execute(query: LogQuery, scope?: Scope): Promise<LogPage> {
    if (scope === undefined) return this.#log.list(query);
    const { services, regions, tags } = scope;
    return this.#log.list({
      ...query,
      services: query.services.filter((one) => one !== null && (services?.includes(one) ?? true)),
      ...(regions && { regions }),
      ...(tags && { tags }),
    });
  }
}
