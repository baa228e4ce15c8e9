import { Command, type OutputConfiguration } from "commander";
import type { CommandLine } from "./command-line.ts";
import { completionCommand } from "./completion/completion-command.ts";
import { EXIT_CODES } from "./exit-code.ts";
import { DEFAULT_URL } from "./invocation.ts";
import { keysCommand } from "./keys/keys-command.ts";
import { backupCommand } from "./local/backup-command.ts";
import { copyDatabaseCommand } from "./local/copy-database-command.ts";
import { doctorCommand } from "./local/doctor-command.ts";
import { migrateCommand } from "./local/migrate-command.ts";
import { rotateCommands } from "./local/rotate-commands.ts";
import { serveCommand } from "./local/serve-command.ts";
import { logsCommand } from "./logs-command.ts";
import { settingsCommand } from "./settings-command.ts";
import { statsCommand } from "./stats-command.ts";
import { tokenCommand } from "./tokens/token-command.ts";
import { watchCommand } from "./watch-command.ts";

const THROUGH_A_SERVER = [
  keysCommand,
  logsCommand,
  statsCommand,
  watchCommand,
  settingsCommand,
  tokenCommand,
];
const ON_THIS_MACHINE = [
  ...[serveCommand, doctorCommand, backupCommand, migrateCommand],
  ...[copyDatabaseCommand, rotateCommands, completionCommand],
];

const WIDTH = 100;

/** The table of all commands. Wrong use and shown help throw a `CommanderError`. */
export function createProgram(line: CommandLine, version: string, output: OutputConfiguration = {}): Command {
  const program = new Command("azure-key-pool")
    .description("A pool for Azure Speech and Translator keys: the server, and what people do with it.")
    .version(version, "-V, --version")
    .option("--url <url>", `the server, default ${DEFAULT_URL}; also AZURE_KEY_POOL_URL`)
    .option("--token-file <file>", "a file with a token for it; also the token in AZURE_KEY_POOL_TOKEN")
    .option("--json", "answer one JSON document")
    .option("-q, --quiet", "no progress and no remarks, only the answer and what went wrong")
    .addHelpText("after", `\n${EXIT_CODES}`)
    .configureHelp({ showGlobalOptions: true, helpWidth: WIDTH })
    .helpCommand(false)
    .showHelpAfterError("(--help says more)")
    .configureOutput(output)
    .exitOverride();
  program.commandsGroup("Through a server's API:");
  for (const add of THROUGH_A_SERVER) add(program, line);
  program.commandsGroup("On this machine, with the environment of the server:");
  for (const add of ON_THIS_MACHINE) add(program, line);
  return program;
}
