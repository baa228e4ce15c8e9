import "reflect-metadata";
import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { pino } from "pino";
import { ConfigError, readConfig } from "./config.ts";
import { startServer } from "./server.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

try {
  const config = readConfig(process.env);
  const logger = pino({ level: config.logLevel });
  const server = await startServer(config, logger, version);
  // Now, because a process that is killed keeps nothing.
  flushCompileCache();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    // A second signal meets no handler and ends the process at once.
    process.once(signal, () => {
      logger.info({ signal }, "stopping");
      server.stop().then(
        () => process.exit(0),
        (error) => {
          logger.fatal({ err: error }, "could not stop cleanly");
          process.exit(1);
        },
      );
    });
  }
} catch (error) {
  const told = error instanceof ConfigError || (error as Error).name === "DatabaseInUse";
  console.error(told ? (error as Error).message : error);
  process.exit(1);
}
