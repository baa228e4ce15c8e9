import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { CommandLine } from "../command-line.ts";

/** What `npm start` passes to Node as well. */
export const SERVER_FLAGS = [
  ...["--report-exclude-env", "--disable-sigusr1"],
  ...[
    "--max-semi-space-size=4",
    "--no-allocation-site-pretenuring",
    "--memory-saver-mode",
    "--initial-old-space-size=48",
    "--expose-gc",
  ],
] as const;

const SURROUNDINGS = `
Most used of its variables, each with its default:
  PORT, HOST            3000 on 127.0.0.1; beyond this machine it wants a token first
  DATABASE_URL          sqlite:./data/keys.db, or postgres://…
  MASTER_KEY_FILE       what secrets are sealed with; for SQLite a file of our own is made
  REDIS_URL             none; what several instances share
  ADMIN_TOKEN           none; lets in while no admin's token exists
  WEBHOOK_URL           none; where it is posted that a key is dead or a pool low
  LOG_LEVEL             info
All of them: docs/configuration.md. "azure-key-pool doctor" checks them.`;

export function serveCommand(program: Command, line: CommandLine): void {
  const serve = program
    .command("serve")
    .description("run the server; what no command is given does. The environment says how")
    .addHelpText("after", SURROUNDINGS);
  line.does(serve, runServer);
}

const COMPILE_CACHE = new URL("../../compile-cache.mjs", import.meta.url);
// A source file where Node strips the types, a compiled one in the package.
const MAIN = new URL("../../main.ts", import.meta.url);
const COMPILED = new URL("../../main.js", import.meta.url);

async function runServer(): Promise<void> {
  const main = existsSync(MAIN) ? MAIN : COMPILED;
  if (process.platform !== "win32") {
    const flags = [...SERVER_FLAGS, "--import", COMPILE_CACHE.href];
    // This process becomes the server, so that signals reach it and nothing stays behind. Node's flags are read at a start only.
    process.execve?.(process.execPath, [process.execPath, ...flags, fileURLToPath(main)], process.env);
  }
  await import(main.href);
}
