import type { Command } from "commander";
import type { CommandLine } from "../command-line.ts";

export function copyDatabaseCommand(program: Command, line: CommandLine): void {
  const copy = program
    .command("copy-database")
    .description("copy a pool's database into an empty one, everything that is in it")
    .option("--from <url>", "such as sqlite:./data/keys.db; default: FROM_DATABASE_URL")
    .option("--to <url>", "such as postgres://user@host:5432/database; default: TO_DATABASE_URL")
    .addHelpText(
      "after",
      `
A URL with a password is given in FROM_DATABASE_URL or TO_DATABASE_URL, or in a file that FROM_DATABASE_URL_FILE or
TO_DATABASE_URL_FILE names: every user of this machine can see the options.

Secrets that are sealed in the source are sealed in the target as well. The master keys are those of MASTER_KEY,
MASTER_KEY_FILE or our own files; FROM_MASTER_KEY_FILE and TO_MASTER_KEY_FILE name others.

Stop the server first: a SQLite file has one owner.`,
    );
  line.does<{ readonly from?: string; readonly to?: string }>(copy, async (invocation, options) => {
    const { copyBetween } = await import("./copy-between.ts");
    await copyBetween(invocation, options);
  });
}
