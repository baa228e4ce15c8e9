import type { Client } from "../../test/servers/redis-server.ts";
import { untilIdle } from "./idle.ts";

const LAST_COMMAND = "that was the last one";

/** What MONITOR sees arrive at Redis meanwhile, by name; what a script does inside Redis is no trip of ours. */
export async function countCommands(
  client: Client,
  act: () => Promise<unknown>,
): Promise<Map<string, number>> {
  await untilIdle();
  const monitor = await client.duplicate().connect();
  const ended = Promise.withResolvers<void>();
  const counts = new Map<string, number>();
  await monitor.monitor((line) => {
    if (line.includes(LAST_COMMAND)) return ended.resolve();
    const name = commandIn(line);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  await act();
  await untilIdle();
  await client.echo(LAST_COMMAND);
  await ended.promise;
  monitor.destroy();
  return counts;
}

/** The command that a program sent, by a line of MONITOR. A client's pings belong to no act. */
export function commandIn(line: string): string | undefined {
  const [, name] = /^\S+ \[\d+ (?!lua\])\S+\] "(\w+)"/.exec(line) ?? [];
  const command = name?.toLowerCase();
  return command === "ping" ? undefined : command;
}
