import { type Command, InvalidArgumentError } from "commander";
import type { ListedKey } from "../../adapters/client/index.ts";
import type { Service } from "../../domain/index.ts";
import type { CommandLine } from "./command-line.ts";
import { followServer } from "./follow-server.ts";
import type { Invocation } from "./invocation.ts";
import { overviewLines, overviewsOf } from "./pool-overview.ts";
import { anyService, servicesOf } from "./services.ts";

interface WatchOptions {
  readonly service?: Service;
  readonly region?: string;
  readonly interval?: number;
}

const MOST_KEYS = 15;
const POLL_SECONDS = 2;
const BESIDE_SECONDS = 15;
const PAINT_MS = 1_000;
/** The server's clock and ours need not agree. */
const CLOCKS_MS = 500;
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
    .option(
      "--interval <seconds>",
      "how often to look at least, 0.1 to 3600, for the server tells changes but no hand-outs; default: 15, and 2 where it tells nothing",
      seconds,
    );
  line.does(watch, watchPools);
}

async function watchPools(invocation: Invocation, options: WatchOptions): Promise<void> {
  const { terminal, isJson } = invocation;
  const { service, region, interval } = options;
  const isLive = terminal.isOutputTerminal && !isJson;
  let keys: readonly ListedKey[] = [];
  let shown = "";
  const paint = () => {
    const lines = overviewLines(keys, Date.now(), MOST_KEYS);
    const text = lines.map((each) => `${each}\u001b[K\n`).join("");
    terminal.paint(`${FROM_THE_TOP}${text}${TO_THE_END}`);
  };
  const tell = () => {
    const pools = overviewsOf(keys);
    const line = isJson ? JSON.stringify(pools) : pools.map(inOneLine).join("; ") || "no keys";
    if (line !== shown) terminal.out(line);
    shown = line;
  };
  // What is left of a rest changes from second to second.
  let painting: NodeJS.Timeout | undefined;
  try {
    await followServer(invocation, {
      events: { ...(service && { service }), ...(region && { region }), kinds: ["key", "import"] },
      pollMs: (interval ?? POLL_SECONDS) * 1000,
      besideMs: (interval ?? BESIDE_SECONDS) * 1000,
      look: async () => {
        keys = await read(invocation, options);
        if (!isLive) tell();
        else {
          if (painting === undefined) terminal.paint(CLEAR_SCREEN);
          painting ??= setInterval(paint, PAINT_MS);
          paint();
        }
        return untilNextBack(keys);
      },
    });
  } finally {
    clearInterval(painting);
  }
}

/** That a rest ends is no event. */
function untilNextBack(keys: readonly ListedKey[]): number | undefined {
  const times = overviewsOf(keys).flatMap(({ nextBackAt }) => nextBackAt ?? []);
  return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - Date.now()) + CLOCKS_MS;
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
