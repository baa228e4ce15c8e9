import type { Command } from "commander";
import type { Statistics } from "../../adapters/client/index.ts";
import type { Service } from "../../domain/index.ts";
import type { CommandLine } from "./command-line.ts";
import type { Invocation } from "./invocation.ts";
import { type Column, tableOf } from "./output/table.ts";
import { spanOf } from "./output/times.ts";
import { anyService, servicesOf } from "./services.ts";

export function statsCommand(program: Command, line: CommandLine): void {
  const stats = program
    .command("stats")
    .description("count keys by what they are: usable, resting, disabled")
    .addOption(anyService());
  line.does(stats, showStats);
}

type Row = Statistics["cooldown"] & { readonly service: Service };

const COUNTS: readonly Column<Row>[] = [
  { title: "SERVICE", of: ({ service }) => service },
  { title: "KEYS", of: ({ totalKeys }) => totalKeys, align: "right" },
  { title: "USABLE", of: ({ enabledKeys }) => enabledKeys, align: "right" },
  { title: "RESTING", of: ({ cooldownKeys }) => cooldownKeys, align: "right" },
  { title: "DISABLED", of: ({ disabledKeys }) => disabledKeys, align: "right" },
];

const RESTING: readonly Column<Statistics["cooldownKeys"][number]>[] = [
  { title: "RESTING KEY", of: ({ key }) => key },
  { title: "REGION", of: ({ region }) => region },
  { title: "BACK IN", of: ({ remainingSeconds }) => spanOf(remainingSeconds), align: "right" },
];

async function showStats(invocation: Invocation, { service }: { readonly service?: Service }): Promise<void> {
  const { pool } = invocation;
  const found: Partial<Record<Service, Statistics>> = {};
  for (const each of servicesOf(service)) found[each] = await pool.readStatistics(each);
  invocation.answer(found, () => {
    const services = Object.entries(found) as [Service, Statistics][];
    const counts = services.map(([its, { cooldown }]) => ({ service: its, ...cooldown }));
    const resting = services.flatMap(([, { cooldownKeys }]) => cooldownKeys);
    const lines = tableOf(counts, COUNTS);
    return resting.length === 0 ? lines : [...lines, "", ...tableOf(resting, RESTING)];
  });
}
