import type { Log, LogPage, LogQuery } from "../../domain/index.ts";

/** What happened, newest first. */
export class ListLogs {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  execute(query: LogQuery): Promise<LogPage> {
    return this.#log.list(query);
  }
}
