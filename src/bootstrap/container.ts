import { Container, type ServiceIdentifier } from "inversify";
import type { Logger } from "pino";
import { createHttpApp } from "../adapters/http/index.ts";
import type { Database } from "../adapters/mikro-orm/index.ts";
import { SpeechSdkProbe } from "../adapters/speech-sdk/index.ts";
import { TranslatorRestProbe } from "../adapters/translator/index.ts";
import { createKeyPool, type KeyPool } from "../application/index.ts";
import type { Clock, SpeechProbe, TranslationProbe } from "../domain/index.ts";
import type { Config } from "./config.ts";
import type { Cooldowns } from "./cooldowns.ts";

// Made by a call, so that inversify checks order and types of what a binding is resolved with.
const token = <T>(name: string) => Symbol(name) as ServiceIdentifier<T>;

export const CLOCK = token<Clock>("Clock");
export const COOLDOWNS = token<Cooldowns>("Cooldowns");
export const DATABASE = token<Database>("Database");
export const HTTP_APP = token<ReturnType<typeof createHttpApp>>("HttpApp");
export const KEY_POOL = token<KeyPool>("KeyPool");
export const LOGGER = token<Logger>("Logger");
export const SPEECH_PROBE = token<SpeechProbe>("SpeechProbe");
export const TRANSLATION_PROBE = token<TranslationProbe>("TranslationProbe");
export const VERSION = token<string>("Version");

/** What has been opened before anything is put together. */
export interface Opened {
  readonly config: Config;
  readonly database: Database;
  readonly cooldowns: Cooldowns;
  readonly logger: Logger;
  readonly version: string;
}

export function createContainer({ config, database, cooldowns, logger, version }: Opened): Container {
  const container = new Container({ defaultScope: "Singleton" });
  container.bind(DATABASE).toConstantValue(database);
  container.bind(LOGGER).toConstantValue(logger);
  container.bind(VERSION).toConstantValue(version);
  container.bind(COOLDOWNS).toConstantValue(cooldowns);
  container.bind(CLOCK).toResolvedValue(({ clock }: Cooldowns) => clock, [COOLDOWNS]);
  container
    .bind(SPEECH_PROBE)
    .toResolvedValue(() => new SpeechSdkProbe({ baseUrl: config.azureSpeechUrl ?? null }), []);
  container
    .bind(TRANSLATION_PROBE)
    .toResolvedValue(() => new TranslatorRestProbe({ baseUrl: config.azureTranslatorUrl ?? null }), []);
  container.bind(KEY_POOL).toResolvedValue(
    (
      clock: Clock,
      { keys, log, settings, health }: Database,
      { store, shared, health: parts }: Cooldowns,
      speechProbe: SpeechProbe,
      translationProbe: TranslationProbe,
    ) =>
      createKeyPool({
        clock,
        keys,
        log,
        settings,
        cooldowns: store,
        ...(shared && { news: shared.news }),
        health: [health, ...parts],
        speechProbe,
        translationProbe,
      }),
    [CLOCK, DATABASE, COOLDOWNS, SPEECH_PROBE, TRANSLATION_PROBE],
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
