import type { ServiceIdentifier } from "inversify";
import type { Logger } from "pino";
import type { createHttpApp } from "../adapters/http/index.ts";
import type { Metrics } from "../adapters/prometheus/index.ts";
import type { Webhook } from "../adapters/webhook/index.ts";
import type { KeyPool } from "../application/index.ts";
import type {
  Audit,
  Clock,
  CooldownStore,
  EventFeed,
  HealthIndicator,
  KeyRepository,
  LeaseStore,
  Log,
  News,
  Scheduler,
  SettingRepository,
  SpeechProbe,
  TokenCrypto,
  TokenRepository,
  TranslationProbe,
} from "../domain/index.ts";

// A typed identifier, so that inversify checks the order and types of the values that a binding is resolved with.
const token = <T>(name: string) => Symbol(name) as ServiceIdentifier<T>;

// One token for each port: what is bound to it is what the pool gets.

/** Where what people do is written down. It need not be with the keys. */
export const AUDIT = token<Audit>("Audit");
/** Times the pool. The bound cooldown store counts on a clock of its own: rebind both together. */
export const CLOCK = token<Clock>("Clock");
export const COOLDOWN_STORE = token<CooldownStore>("CooldownStore");
/** Tells those who watch; instances that share it see one order. */
export const EVENT_FEED = token<EventFeed>("EventFeed");
export const HEALTH_INDICATORS = token<readonly HealthIndicator[]>("HealthIndicators");
export const KEY_REPOSITORY = token<KeyRepository>("KeyRepository");
/** The bound cooldown store from its other side. Where that is another one, nothing is leased: rebind both together. */
export const LEASE_STORE = token<LeaseStore>("LeaseStore");
export const LOG = token<Log>("Log");
/** Undefined where this is the only instance. */
export const NEWS = token<News | undefined>("News");
export const SCHEDULER = token<Scheduler>("Scheduler");
export const SETTING_REPOSITORY = token<SettingRepository>("SettingRepository");
export const SPEECH_PROBE = token<SpeechProbe>("SpeechProbe");
export const TOKEN_CRYPTO = token<TokenCrypto>("TokenCrypto");
/** Who may come in; without tokens in it the door is open. It need not be with the keys. */
export const TOKEN_REPOSITORY = token<TokenRepository>("TokenRepository");
export const TRANSLATION_PROBE = token<TranslationProbe>("TranslationProbe");

/** The pool over the ports, made once. */
export const KEY_POOL = token<KeyPool>("KeyPool");
/** The HTTP API of the pool. */
export const HTTP_APP = token<ReturnType<typeof createHttpApp>>("HttpApp");
/** What is counted for Prometheus, and told at `/metrics`. */
export const METRICS = token<Metrics>("Metrics");
/** Posts what a person should hear of; undefined where nobody asked for it. */
export const WEBHOOK = token<Webhook | undefined>("Webhook");
export const LOGGER = token<Logger>("Logger");
export const VERSION = token<string>("Version");
