import type { Command } from "commander";
import type { CommandLine } from "../command-line.ts";
import { CommandFailed } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { configOf } from "./local-command.ts";

export function backupCommand(program: Command, line: CommandLine): void {
  const backup = program
    .command("backup")
    .description(
      "copy the SQLite database of DATABASE_URL as it is at one instant, while a server runs or not",
    )
    .argument("<file>", "a new file, for its owner alone; put back, it is a database as it is")
    .addHelpText(
      "after",
      "\nSecrets in it stay sealed: it is of no use without the master key, which is not in it. Keep a copy of that elsewhere.",
    );
  line.does(backup, backUp);
}

async function backUp(
  invocation: Invocation,
  _options: object,
  [file = ""]: readonly string[],
): Promise<void> {
  const { databaseUrl } = await configOf(invocation);
  const { backUpSqlite, parseDatabaseUrl } = await import("../../../adapters/mikro-orm/index.ts");
  const at = parseDatabaseUrl(databaseUrl);
  if (at.kind === "memory") throw new CommandFailed("A database in memory ends with its server");
  if (at.kind === "postgres") {
    throw new CommandFailed(
      `${at.name} is PostgreSQL's to copy: pg_dump --format=custom --file=${file} and the database's URL`,
    );
  }
  const { bytes, keys } = await backUpSqlite(at, file);
  invocation.answer({ file, bytes, keys }, () => [
    `${file} has ${keys} keys, ${bytes} bytes, and is checked`,
  ]);
  invocation.remark(
    "its secrets open with the master key only, which is not in it: keep a copy of that elsewhere",
  );
}
