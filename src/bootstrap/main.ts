import "reflect-metadata";
import { readFileSync } from "node:fs";
import { pino } from "pino";
import { CertificateError } from "../adapters/http/index.ts";
import { DatabaseError } from "../adapters/mikro-orm/index.ts";
import { SealingError } from "../adapters/sealing/index.ts";
import { DoorOpen } from "./check-door.ts";
import { ConfigError, readConfig, removeSecrets } from "./config.ts";
import { warningsOfNode } from "./node-variables.ts";
import { type Server, startServer } from "./server.ts";
import { NotReady } from "./wait-for.ts";

const PARENT_CHECK_MS = 250;

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

try {
  const config = readConfig(process.env);
  removeSecrets(process.env);
  const logger = pino({ level: config.logLevel });
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
    if (!server) process.exit(0);
    server.stop().then(
      () => process.exit(0),
      (error) => {
        logger.fatal({ err: error }, "could not stop cleanly");
        process.exit(1);
      },
    );
  };
  // Before the start, which may wait long: as the first process of a container it would get no signal otherwise.
  for (const signal of signals) process.on(signal, stop);
  if (process.env.npm_lifecycle_event) whenParentIsGone(() => stop("npm is gone"));
  server = await startServer({ config, logger, version });
} catch (error) {
  console.error(isEnvironmentError(error) ? error.message : error);
  process.exit(1);
}

/** npm signals the shell between it and this process. The shell ends without passing the signal on. */
function whenParentIsGone(onGone: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) onGone();
  }, PARENT_CHECK_MS).unref();
}

/** A port that is taken, a file that may not be read: the message is enough; a stack trace adds nothing. */
function isEnvironmentError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (
    error instanceof ConfigError ||
    error instanceof NotReady ||
    error instanceof DatabaseError ||
    error instanceof SealingError ||
    error instanceof DoorOpen ||
    error instanceof CertificateError
  )
    return true;
  return "code" in error && /^E[A-Z0-9]+$/.test(String(error.code));
}
