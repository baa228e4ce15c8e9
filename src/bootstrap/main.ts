import "reflect-metadata";
import { readFileSync } from "node:fs";
import { pino } from "pino";
import { readConfig, removeSecrets } from "./config.ts";
import { isEnvironmentError } from "./expected-errors.ts";
import { warningsOfNode } from "./node-variables.ts";
import { whenNpmIsGone } from "./parent-gone.ts";
import { type Server, startServer } from "./server.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

// Lines are written by another thread, so that a slow reader of the log holds up no request. Only with a minimum does
// `flush` wait until they are.
const log = pino.destination({ dest: 1, sync: false, minLength: 1 });
/** Exits with the log written: a line on its way would be overtaken by the last ones, or lost. */
const exit = (code: number) => log.flush(() => process.exit(code));

try {
  const config = readConfig(process.env);
  removeSecrets(process.env);
  const logger = pino({ level: config.logLevel }, log);
  for (const warning of warningsOfNode(process.env, process.execArgv)) logger.warn(warning);
  const signals = ["SIGTERM", "SIGINT"] as const;
  let server: Server | undefined;
  let stopping = false;
  const stop = (signal: NodeJS.Signals | "npm is gone") => {
    if (stopping) return;
    stopping = true;
    // A second signal, whichever it is, meets no handler and ends the process at once.
    for (const each of signals) process.off(each, stop);
    logger.info({ signal }, "stopping");
    // Nothing has been answered before it serves, so nothing is left to be written.
    if (!server) {
      // The start goes on until the exit, and has nothing more to say.
      logger.level = "silent";
      exit(0);
      return;
    }
    server.stop().then(
      () => exit(0),
      (error) => {
        logger.fatal({ err: error }, "could not stop cleanly");
        exit(1);
      },
    );
  };
  // Before the start, which may wait long: as the first process of a container it would get no signal otherwise.
  for (const signal of signals) process.on(signal, stop);
  whenNpmIsGone(() => stop("npm is gone"));
  server = await startServer({ config, logger, version });
} catch (error) {
  console.error(isEnvironmentError(error) ? error.message : error);
  exit(1);
}
