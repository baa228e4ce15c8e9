import { type Command, InvalidArgumentError } from "commander";
import type { ListedKey } from "../../adapters/client/index.ts";
import type { Service } from "../../domain/index.ts";
import type { CommandLine } from "./command-line.ts";
import type { Invocation } from "./invocation.ts";
import { untilInterrupted } from "./output/every.ts";
import { overviewLines, overviewsOf } from "./pool-overview.ts";
import { anyService, servicesOf } from "./services.ts";

interface WatchOptions {
  readonly service?: Service;
  readonly region?: string;
  readonly interval: number;
}

const MOST_KEYS = 15;
const FROM_THE_TOP = "\u001b[H";
const TO_THE_END = "\u001b[J";
const CLEAR_SCREEN = "\u001b[2J";

export function watchCommand(program: Command, line: CommandLine): void {
  const watch = program
    .command("watch")
    .description(
      "see the pools as they are, until Ctrl-C; without a terminal, or with --json, a line for each change",
    )
    .addOption(anyService())
    .option("--region <region>", "only this region")
    .option("--interval <seconds>", "how often to look, 0.1 to 3600", seconds, 2);
  line.does(watch, watchPools);
}

async function watchPools(invocation: Invocation, options: WatchOptions): Promise<void> {
  const { terminal, isJson } = invocation;
  const isLive = terminal.isOutputTerminal && !isJson;
  let shown = "";
  if (isLive) terminal.paint(CLEAR_SCREEN);
  await untilInterrupted(options.interval * 1000, async () => {
    const keys = await read(invocation, options);
    if (isLive) {
      const lines = overviewLines(keys, Date.now(), MOST_KEYS);
      const text = lines.map((each) => `${each}\u001b[K\n`).join("");
      return terminal.paint(`${FROM_THE_TOP}${text}${TO_THE_END}`);
    }
    const pools = overviewsOf(keys);
    const line = isJson ? JSON.stringify(pools) : pools.map(inOneLine).join("; ") || "no keys";
    if (line !== shown) terminal.out(line);
    shown = line;
  });
}

async function read({ pool }: Invocation, { service, region }: WatchOptions): Promise<readonly ListedKey[]> {
  const lists: ListedKey[] = [];
  for (const each of servicesOf(service))
    lists.push(...(await pool.listKeys(each, { ...(region && { region }) })));
  return lists;
}

function inOneLine({
  service,
  region,
  usable,
  resting,
  disabled,
}: ReturnType<typeof overviewsOf>[number]): string {
  return `${service} ${region}: ${usable} usable, ${resting} resting, ${disabled} disabled`;
}

function seconds(text: string): number {
  const value = Number(text);
  if (value >= 0.1 && value <= 3600) return value;
  throw new InvalidArgumentError("must be a number from 0.1 to 3600");
}
