import { type Command, InvalidArgumentError, Option } from "commander";
import type { LogFilter, LogRow, WatchedEvent } from "../../adapters/client/index.ts";
import { LOG_ACTIONS, type LogAction, type Service } from "../../domain/index.ts";
import type { CommandLine } from "./command-line.ts";
import { followServer } from "./follow-server.ts";
import type { Invocation } from "./invocation.ts";
import { logLine, logTable } from "./keys/key-formats.ts";
import { anyService, keyId, servicesOf } from "./services.ts";

interface LogsOptions {
  readonly service?: Service;
  readonly key?: string;
  readonly action?: LogAction;
  readonly code?: number;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly follow?: boolean;
}

const MOST_ROWS = 1000;
const POLL_MS = 1_000;
/** A clean-up, for one, is no event. */
const BESIDE_MS = 15_000;
/** Mostly there is nothing new, and one page tells. */
const FOLLOW_ROWS = 100;

export function logsCommand(program: Command, line: CommandLine): void {
  const logs = program
    .command("logs")
    .description("list what happened, the last at the bottom")
    .addOption(anyService())
    .option("--key <id>", "only about this key")
    .addOption(new Option("--action <action>", "only this").choices(LOG_ACTIONS))
    .option("--code <code>", "only reports and tests with this status code", integer(100, 599))
    .option("--from <time>", "not before, such as 2027-01-31T09:00:00Z")
    .option("--to <time>", "not after")
    .option("--limit <rows>", `how many rows, 1 to ${MOST_ROWS}`, integer(1, MOST_ROWS), 50)
    .option(
      "-f, --follow",
      "go on with what happens from now on, until Ctrl-C; with --json a document a line",
    );
  line.does(logs, showLogs);
}

async function showLogs(invocation: Invocation, options: LogsOptions): Promise<void> {
  const { terminal, isJson } = invocation;
  const { service, limit, follow } = options;
  const filter = filterOf(options);
  const rows = (await readRows(invocation, service, { ...filter, limit })).slice(-limit);
  if (!follow) return invocation.answer(rows, () => logTable(rows));
  const show = (some: readonly LogRow[]) => {
    for (const row of some) terminal.out(isJson ? JSON.stringify(row) : logLine(row));
  };
  show(rows);
  let last = rows.at(-1)?.id ?? 0;
  await followServer(invocation, {
    events: { ...(service && { service }), kinds: ["key", "report", "setting", "import"] },
    concerns: (event) => filter.key_id === undefined || keyOf(event) === filter.key_id,
    ...{ pollMs: POLL_MS, besideMs: BESIDE_MS },
    look: async () => {
      const next = (await readRows(invocation, service, filter, last)).filter(({ id }) => id > last);
      show(next);
      last = next.at(-1)?.id ?? last;
      return undefined;
    },
  });
}

function keyOf({ data }: WatchedEvent): number | undefined {
  return "key_id" in data ? data.key_id : undefined;
}

function filterOf({ key, action, code, from, to }: LogsOptions): LogFilter {
  return {
    ...(key !== undefined && { key_id: keyId(key) }),
    ...(action && { action }),
    ...(code !== undefined && { status_code: code }),
    ...(from && { from }),
    ...(to && { to }),
  };
}

/** Of all services together, by id; with `after` all pages down to that row. */
async function readRows(
  { pool }: Invocation,
  service: Service | undefined,
  filter: LogFilter,
  after?: number,
): Promise<readonly LogRow[]> {
  const rows = new Map<number, LogRow>();
  for (const each of servicesOf(service)) {
    for (let page = 1; ; page++) {
      const { logs, totalPages } = await pool.listLogs(each, { limit: FOLLOW_ROWS, ...filter, page });
      for (const row of logs) rows.set(row.id, row);
      if (after === undefined || page >= totalPages || (logs.at(-1)?.id ?? 0) <= after) break;
    }
  }
  return [...rows.values()].toSorted((a, b) => a.id - b.id);
}

function integer(least: number, most: number) {
  return (text: string): number => {
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`);
  };
}
