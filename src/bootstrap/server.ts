import { setTimeout } from "node:timers/promises";
import type { Container } from "inversify";
import type { Logger } from "pino";
import { type HttpServer, listen } from "../adapters/http/index.ts";
import {
  type Database,
  DatabaseError,
  FIRST_MIGRATION,
  type OwnerLockState,
  openDatabase,
  type Sealing,
} from "../adapters/mikro-orm/index.ts";
import { createMetrics, type Metrics } from "../adapters/prometheus/index.ts";
import type { KeyPool } from "../application/index.ts";
import { checkDoor } from "./check-door.ts";
import type { Config } from "./config.ts";
import { createContainer, type Opened } from "./container.ts";
import type { Cooldowns } from "./cooldowns.ts";
import { databaseName } from "./database-name.ts";
import { openCooldowns } from "./open-cooldowns.ts";
import { openSealing } from "./open-sealing.ts";
import { HTTP_APP, KEY_POOL, WEBHOOK } from "./tokens.ts";
import { waitFor } from "./wait-for.ts";

/** How long a stopping server waits for requests, such as imports, before it ends the imports. */
const IMPORT_PATIENCE_MS = 3_000;

/** So many that reading them leaves megabytes behind. */
const MANY_KEYS = 10_000;

export interface ServerOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Shown by `/health` and the API documents. */
  readonly version: string;
  /** Called once everything is bound: the place to bind adapters of one's own to the tokens. */
  readonly adapt?: (container: Container) => void | Promise<void>;
}

export interface Server {
  readonly url: string;
  /** Finishes what runs, writes what is left, closes. Changes no key. */
  stop(): Promise<void>;
}

/**
 * Opens the database and the cooldowns, starts the pool and serves the API. When that fails, all is closed again.
 * Rejects with `DatabaseError`, `SealingError` (no master key, or another one), `NotReady` (no database in time), `DoorOpen` (nobody would be kept out), or the error
 * of the port that is taken.
 */
export async function startServer({ config, logger, version, adapt }: ServerOptions): Promise<Server> {
  const sealing = openSealing(config.masterKey, {
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
  });
  const metrics = createMetrics();
  const database = await openWhenReachable(config, sealing, logger, metrics);
  let cooldowns: Cooldowns | undefined;
  try {
    cooldowns = await openCooldowns(config, logger, metrics);
    return await serve({ config, database, sealing, cooldowns, metrics, logger, version }, adapt);
  } catch (error) {
    await cooldowns?.close();
    await database.close();
    throw error;
  }
}

async function serve(opened: Opened, adapt: ServerOptions["adapt"]): Promise<Server> {
  const { config, database, cooldowns, logger } = opened;
  const container = createContainer(opened);
  await adapt?.(container);
  const pool = container.get(KEY_POOL);
  const webhook = container.get(WEBHOOK);
  const { keys, badSettings } = await pool.start();
  if (keys >= MANY_KEYS) giveMemoryBack();
  for (const { field, message } of badSettings) {
    logger.warn({ setting: field }, `stored setting is not acceptable, its default is in force: ${message}`);
  }
  const server = await listening(container, opened).catch(async (error: unknown) => {
    await pool.stop();
    await webhook?.close();
    throw error;
  });
  const door = pool.access?.isOpen ? "open" : "closed";
  logger.info({ url: server.url, database: databaseName(config.databaseUrl), keys, door }, "serving");
  return {
    url: server.url,
    stop: async () => {
      const closed = server.close();
      await Promise.race([closed, setTimeout(IMPORT_PATIENCE_MS, undefined, { ref: false })]);
      // Connections are still open, so that the caller of an import gets to know what was imported.
      await stopPool(pool, closed, logger);
      await webhook?.close();
      await cooldowns.close();
      await database.close();
      logger.info("stopped");
    },
  };
}

/** Collects what the start has left behind, while no request waits for it yet. */
function giveMemoryBack(): void {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}

async function listening(container: Container, { config, logger }: Opened): Promise<HttpServer> {
  const { access } = container.get(KEY_POOL);
  if (access) checkDoor(access, config, logger);
  const { host, port, tls } = config;
  return listen(container.get(HTTP_APP), {
    ...{ host, port },
    ...(tls && { tls: { ...tls, onRenewal: (fault) => logRenewal(fault, logger) } }),
  });
}

function logRenewal(fault: unknown, logger: Logger): void {
  if (fault === undefined) logger.info("the new certificate is in force");
  else logger.error({ err: fault }, "the new certificate is not usable, the one before stays in force");
}

async function stopPool(pool: KeyPool, closed: Promise<unknown>, logger: Logger): Promise<void> {
  const { owing, countersFault } = await pool.stop(closed);
  if (countersFault !== undefined) logger.error({ err: countersFault }, "counters are lost");
  if (owing > 0) logger.error({ keys: owing }, "changes that were refused with 503 are lost");
}

/** Waits only for a database server that is not up yet: no other fault goes away by itself. */
function openWhenReachable(
  config: Config,
  sealing: Sealing,
  logger: Logger,
  { onCommit }: Metrics,
): Promise<Database> {
  const { databaseUrl: url, synchronous, redisUrl, startTimeoutMs } = config;
  const usedBy = redisUrl ? "instances" : "one-process";
  const onOwnerLock = (state: OwnerLockState) => logOwnerLock(state, logger);
  const onFault = (detail: string) => logger.warn({ detail }, "the database does not work as it should");
  const onMigrated = (names: readonly string[]) => logMigrations(names, url, logger);
  return waitFor(
    "database",
    () =>
      openDatabase({ ...{ url, synchronous, usedBy, onOwnerLock }, sealing, onFault, onCommit, onMigrated }),
    logger,
    {
      timeoutMs: startTimeoutMs,
      isFinal: (error) => !(error instanceof DatabaseError && error.code === "unreachable"),
    },
  );
}

/** A path that was mistyped shows as a new database. */
function logMigrations(names: readonly string[], url: string, logger: Logger): void {
  if (names.length === 0) return;
  const database = databaseName(url);
  if (names[0] === FIRST_MIGRATION) logger.info({ database }, "the database is new, and empty");
  else logger.info({ database, migrations: names }, "the database was brought up to date");
}

function logOwnerLock(state: OwnerLockState, logger: Logger): void {
  if (state === "held") logger.info("the lock on the database is held again");
  if (state === "lost") logger.warn("the lock on the database is lost with its connection, taking it again");
  if (state === "taken") logger.error("a process has the database open that may not be beside this one");
}
