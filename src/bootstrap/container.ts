import { Container } from "inversify";
import type { Logger } from "pino";
import { readDashboard } from "../adapters/dashboard/index.ts";
import { createHttpApp, isLoopback, type OpenTo } from "../adapters/http/index.ts";
import type { Database } from "../adapters/mikro-orm/index.ts";
import { NodeChance, NodeTokenCrypto } from "../adapters/node-crypto/index.ts";
import type { Metrics } from "../adapters/prometheus/index.ts";
import { SpeechSdkProbe } from "../adapters/speech-sdk/index.ts";
import { TranslatorRestProbe } from "../adapters/translator/index.ts";
import { createKeyPool, type KeyPool, type Ports, TIMER_SCHEDULER } from "../application/index.ts";
import type { Clock, Scheduler } from "../domain/index.ts";
import type { Config } from "./config.ts";
import type { Cooldowns } from "./cooldowns.ts";
import { logEvents } from "./log-events.ts";
import type { OpenSealing } from "./open-sealing.ts";
import { openWebhook } from "./open-webhook.ts";
import {
  AUDIT,
  CLOCK,
  COOLDOWN_STORE,
  EVENT_FEED,
  HEALTH_INDICATORS,
  HTTP_APP,
  KEY_POOL,
  KEY_REPOSITORY,
  LEASE_STORE,
  LOG,
  LOGGER,
  METRICS,
  NEWS,
  SCHEDULER,
  SETTING_REPOSITORY,
  SPEECH_PROBE,
  TOKEN_CRYPTO,
  TOKEN_REPOSITORY,
  TRANSLATION_PROBE,
  VERSION,
  WEBHOOK,
} from "./tokens.ts";
import { auditOf, tokensOf } from "./tokens-of.ts";

/** What the container binds: opened before, and closed by the caller. */
export interface Opened {
  readonly config: Config;
  readonly database: Database;
  readonly sealing: OpenSealing;
  readonly cooldowns: Cooldowns;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly version: string;
}

/** Binds every token. Each can be rebound until the pool is resolved for the first time. */
export function createContainer({
  config,
  database,
  sealing,
  cooldowns,
  metrics,
  logger,
  version,
}: Opened): Container {
  const container = new Container({ defaultScope: "Singleton" });
  container.bind(KEY_REPOSITORY).toConstantValue(database.keys);
  container.bind(LOG).toConstantValue(database.log);
  container.bind(SETTING_REPOSITORY).toConstantValue(database.settings);
  container.bind(TOKEN_REPOSITORY).toConstantValue(tokensOf(database, sealing));
  container.bind(AUDIT).toConstantValue(auditOf(database, sealing));
  container.bind(TOKEN_CRYPTO).toConstantValue(new NodeTokenCrypto());
  container.bind(HEALTH_INDICATORS).toConstantValue([database.health, ...cooldowns.health]);
  container.bind(CLOCK).toConstantValue(cooldowns.clock);
  container.bind(COOLDOWN_STORE).toConstantValue(cooldowns.store);
  container.bind(LEASE_STORE).toConstantValue(cooldowns.store);
  container.bind(NEWS).toConstantValue(cooldowns.news);
  container.bind(EVENT_FEED).toConstantValue(cooldowns.events);
  container.bind(SCHEDULER).toConstantValue(TIMER_SCHEDULER);
  container.bind(METRICS).toConstantValue(metrics);
  container.bind(LOGGER).toConstantValue(logger);
  container.bind(VERSION).toConstantValue(version);
  container
    .bind(SPEECH_PROBE)
    .toResolvedValue(() => new SpeechSdkProbe({ baseUrl: config.azureSpeechUrl ?? null }), []);
  container
    .bind(TRANSLATION_PROBE)
    .toResolvedValue(() => new TranslatorRestProbe({ baseUrl: config.azureTranslatorUrl ?? null }), []);
  container
    .bind(WEBHOOK)
    .toResolvedValue(
      (clock: Clock, scheduler: Scheduler, log: Logger) => openWebhook(config, clock, scheduler, log),
      [CLOCK, SCHEDULER, LOGGER],
    );
  container.bind(KEY_POOL).toResolvedValue(
    (
      ...[
        clock,
        keys,
        log,
        settings,
        store,
        leases,
        news,
        scheduler,
        health,
        speechProbe,
        translationProbe,
        tokens,
        crypto,
        audit,
        events,
        metrics,
        webhook,
      ]
    ) => {
      const ports: Ports = {
        ...{ clock, keys, log, settings, scheduler, health, speechProbe, translationProbe },
        cooldowns: store,
        ...((store as object) === leases && { leases: { store: leases, chance: new NodeChance() } }),
        access: { tokens, crypto },
        audit,
        events,
        ...(news && { news }),
      };
      const toLog = logEvents(logger);
      const pool = createKeyPool(ports, {
        reconcileMs: config.reconcileMs,
        jobs: [...cooldowns.jobs, ...(webhook ? [webhook.job] : [])],
        adminToken: config.adminToken,
        onEvent: (event) => {
          toLog(event);
          metrics.onEvent(event);
          webhook?.onEvent(event);
        },
      });
      metrics.watch(pool);
      webhook?.watch(pool);
      return pool;
    },
    [
      CLOCK,
      KEY_REPOSITORY,
      LOG,
      SETTING_REPOSITORY,
      COOLDOWN_STORE,
      LEASE_STORE,
      NEWS,
      SCHEDULER,
      HEALTH_INDICATORS,
      SPEECH_PROBE,
      TRANSLATION_PROBE,
      TOKEN_REPOSITORY,
      TOKEN_CRYPTO,
      AUDIT,
      EVENT_FEED,
      METRICS,
      WEBHOOK,
    ],
  );
  container.bind(HTTP_APP).toResolvedValue(
    (pool: KeyPool, clock: Clock, log: Logger, version: string, metrics: Metrics) =>
      createHttpApp({
        ...{ pool, clock, log, version, metrics },
        corsOrigins: config.corsOrigins,
        page: readDashboard(),
        guard: { openTo: openTo(config), trustProxy: config.trustProxy },
      }),
    [KEY_POOL, CLOCK, LOGGER, VERSION, METRICS],
  );
  return container;
}

/** Whom the door is open to for as long as no token exists; also when the last is revoked while the server runs. */
function openTo({ host, allowOpen }: Config): OpenTo {
  if (isLoopback(host)) return "loopback";
  return allowOpen ? "anyone" : "nobody";
}
