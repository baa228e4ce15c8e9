import { Container, type ServiceIdentifier } from "inversify";
import type { Logger } from "pino";
import { createHttpApp } from "../adapters/http/index.ts";
import { InMemoryCooldownStore, SystemClock } from "../adapters/in-memory/index.ts";
import type { Database } from "../adapters/mikro-orm/index.ts";
import { createKeyPool, type KeyPool } from "../application/index.ts";
import type { Clock, CooldownStore } from "../domain/index.ts";

// Made by a call, so that inversify checks order and types of what a binding is resolved with.
const token = <T>(name: string) => Symbol(name) as ServiceIdentifier<T>;

export const CLOCK = token<Clock>("Clock");
export const COOLDOWN_STORE = token<CooldownStore>("CooldownStore");
export const DATABASE = token<Database>("Database");
export const HTTP_APP = token<ReturnType<typeof createHttpApp>>("HttpApp");
export const KEY_POOL = token<KeyPool>("KeyPool");
export const LOGGER = token<Logger>("Logger");
export const VERSION = token<string>("Version");

/** What has been opened before anything is put together. */
export interface Opened {
  readonly database: Database;
  readonly logger: Logger;
  readonly version: string;
}

export function createContainer({ database, logger, version }: Opened): Container {
  const container = new Container({ defaultScope: "Singleton" });
  container.bind(DATABASE).toConstantValue(database);
  container.bind(LOGGER).toConstantValue(logger);
  container.bind(VERSION).toConstantValue(version);
  container.bind(CLOCK).toResolvedValue(() => new SystemClock(), []);
  container.bind(COOLDOWN_STORE).toResolvedValue((clock: Clock) => new InMemoryCooldownStore(clock), [CLOCK]);
  container
    .bind(KEY_POOL)
    .toResolvedValue(
      (clock: Clock, { keys, log, settings, health }: Database, cooldowns: CooldownStore) =>
        createKeyPool({ clock, keys, log, settings, cooldowns, health: [health] }),
      [CLOCK, DATABASE, COOLDOWN_STORE],
    );
  container
    .bind(HTTP_APP)
    .toResolvedValue(
      (pool: KeyPool, clock: Clock, log: Logger, version: string) =>
        createHttpApp({ pool, clock, log, version }),
      [KEY_POOL, CLOCK, LOGGER, VERSION],
    );
  return container;
}
