import type { Command } from "commander";
import type { CommandLine } from "../command-line.ts";

const WHERE = `
The database is that of DATABASE_URL, opened with MASTER_KEY, MASTER_KEY_FILE or our own file. Stop every server on it first.`;

export function rotateCommands(program: Command, line: CommandLine): void {
  const master = program
    .command("rotate-master-key")
    .description("wrap the keys in the database with another master key")
    .addHelpText(
      "after",
      `
The new one is that of NEW_MASTER_KEY or NEW_MASTER_KEY_FILE; with neither, and our own file, a new one in its place.
Start the servers with it, and keep a copy of it.
${WHERE}`,
    );
  const data = program
    .command("rotate-data-key")
    .description("seal every secret with a new key; run again, it goes on where it was cut off")
    .addHelpText("after", WHERE);
  for (const [command, which] of [
    [master, "master-key"],
    [data, "data-key"],
  ] as const) {
    line.does(command, async (invocation) => {
      const { rotateKey } = await import("./rotate-key.ts");
      await rotateKey(invocation, which);
    });
  }
}
