import type { Command } from "commander";
import type { CommandLine } from "../command-line.ts";
import type { Invocation } from "../invocation.ts";
import { configOf, sayTo } from "./local-command.ts";

export function migrateCommand(program: Command, line: CommandLine): void {
  const migrate = program
    .command("migrate")
    .description("bring the database of DATABASE_URL up to date, as the next start of a server would")
    .addHelpText(
      "after",
      "\nSeals secrets that are stored plain as well. An SQLite file must not be in use.",
    );
  line.does(migrate, bringUpToDate);
}

async function bringUpToDate(invocation: Invocation): Promise<void> {
  const { databaseUrl, masterKey } = await configOf(invocation);
  const { openSession } = await import("../../../adapters/mikro-orm/index.ts");
  const { openSealing } = await import("../../open-sealing.ts");
  const { databaseName } = await import("../../database-name.ts");
  let migrations: readonly string[] = [];
  const session = await openSession(databaseUrl, openSealing(masterKey, sayTo(invocation)), {
    onMigrated: (names) => {
      migrations = names;
    },
  });
  await session.close();
  const database = databaseName(databaseUrl);
  invocation.answer({ database, migrations }, () =>
    migrations.length === 0
      ? [`${database} is up to date`]
      : [...migrations.map((name) => `done: ${name}`), `${database} is up to date now`],
  );
}
