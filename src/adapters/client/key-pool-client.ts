import type { ImportOptions, ProbeKind } from "../../application/index.ts";
import type { EventKind, KeyId, KeyOrder, KeyStatus, LogAction, Service } from "../../domain/index.ts";
import type {
  CleanupStatus,
  ConfigEntry,
  HandedOutKey,
  HandOut,
  Health,
  ImportReport,
  ImportVerdict,
  KeyPage,
  KeyTestData,
  KeyTestResult,
  ListedKey,
  LogPage,
  PoolState,
  ReportHistory,
  ReportOutcome,
  ShownKey,
  Statistics,
} from "./api-answers.ts";
import { ApiConnection, type ApiRequest, type ConnectionOptions } from "./api-connection.ts";
import { type WatchedEvent, watchEvents } from "./watch-events.ts";
import { type KeyUse, type WithKeyOptions, withKey } from "./with-key.ts";

export interface KeyPoolClientOptions extends ConnectionOptions {
  /** Told of a report that `withKey` could not deliver. Default: a warning of the process. */
  readonly onLostReport?: (error: unknown) => void;
  /** How `withKey` and `watch` wait, in milliseconds; for tests. */
  readonly wait?: (ms: number) => Promise<void>;
}

export interface PoolChoice {
  readonly service: Service;
  /** Default: the service's own, `eastasia` or `global`. */
  readonly region?: string;
  /** Only keys that bear it. */
  readonly tag?: string;
}

export interface Report {
  /** The secret, as it was handed out. */
  readonly key: string;
  /** The HTTP status that Azure gave, 100 to 599. */
  readonly code: number;
  readonly note?: string;
  /** What Azure's `Retry-After` said: whole seconds, or an HTTP date. A cooldown that the code starts ends then. */
  readonly retry_after?: number | string;
}

export interface KeyFields {
  readonly region?: string;
  readonly keyname?: string;
  /** Null takes the tag away. */
  readonly tag?: string | null;
  /** How many leases of it may run at a time, 1 to 10,000; null takes the limit away. */
  readonly max_in_flight?: number | null;
}

export interface KeyFilter {
  readonly status?: KeyStatus;
  readonly region?: string;
  readonly tag?: string;
}

export interface KeySearch {
  /** A part of name, region or tag. */
  readonly q?: string;
  /** What to sort by, with `-` the last first. Default `id`. */
  readonly sort?: KeyOrder | `-${KeyOrder}`;
}

export interface PageChoice {
  /** Default 1. */
  readonly page?: number;
  /** Rows of a page, 1 to 1000. Default 50. */
  readonly limit?: number;
}

export interface LogFilter extends PageChoice {
  readonly key_id?: KeyId;
  readonly action?: LogAction;
  readonly status_code?: number;
  /** ISO 8601, or epoch milliseconds. */
  readonly from?: string | number;
  readonly to?: string | number;
}

export interface ReportFilter {
  /** Default: both. */
  readonly service?: Service;
  readonly region?: string;
  readonly key_id?: KeyId;
  /** ISO 8601, or epoch milliseconds. Default: a day before `to`; at most 31 days before it. */
  readonly from?: string | number;
  /** Default: now. */
  readonly to?: string | number;
  /** Default 3600. At most 200 buckets. */
  readonly bucket_seconds?: number;
}

export interface ConfigChange {
  readonly config_key: string;
  readonly config_value: string | number;
  readonly description?: string;
}

/** What Azure is asked about a key: to speak a text, to hear a sound, or to translate a text. */
export type KeyTestKind = ProbeKind;

export interface KeyTest {
  /** The secret. */
  readonly key: string;
  /** Default: the service's own, `eastasia` or `global`. */
  readonly region?: string;
  /** What is spoken or translated. */
  readonly text?: string;
  /** Languages of a translation. */
  readonly from?: string;
  readonly to?: string;
}

export interface ImportRow {
  /** The secret. */
  readonly key: string;
  readonly region: string;
  readonly keyname?: string;
  readonly tag?: string | null;
  readonly status?: "enabled" | "disabled";
  /** Null for no limit. */
  readonly max_in_flight?: number | null;
}

export interface EventChoice {
  /** Of events about keys only those of this service, and region. */
  readonly service?: Service;
  readonly region?: string;
  /** Default: all. */
  readonly kinds?: readonly EventKind[];
  /** The id of the last event that was seen: it goes on behind that. Default: from now on. */
  readonly lastEventId?: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** A stream of events has a comment every 15 seconds. */
const SILENCE_MS = 45_000;

/** Many keys as a text: CSV whose first line names its columns, or one key a line. */
export interface ImportText {
  readonly media: "text/csv" | "text/plain";
  readonly content: string;
  /** Of the keys whose line names none. */
  readonly region?: string;
}

/** At least, for what asks Azure or brings many keys. */
const LONG_MS = 120_000;

const TEST_PATHS: Readonly<Record<KeyTestKind, string>> = {
  synthesis: "/keys/test",
  recognition: "/keys/test2",
  translation: "/translation/keys/test",
};

const PATHS: Readonly<Record<Service, string>> = { speech: "/keys", translation: "/translation/keys" };

/**
 * The HTTP API as methods. What a caller has to expect is returned, everything else is thrown as `ApiError`.
 * Keys are named by id, so that no secret gets into a URL.
 */
export class KeyPoolClient {
  readonly #api: ApiConnection;
  readonly #lost: (error: unknown) => void;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #longMs: number;

  constructor({ onLostReport = warn, wait = pause, ...connection }: KeyPoolClientOptions = {}) {
    this.#api = new ApiConnection(connection);
    this.#lost = onLostReport;
    this.#wait = wait;
    this.#longMs = Math.max(LONG_MS, connection.timeoutMs ?? 0);
  }

  async handOut({ service, ...query }: PoolChoice): Promise<HandOut> {
    const reply = await this.#api.send("GET", `${PATHS[service]}/get`, { query });
    if (reply.success) return { status: "handed-out", key: reply.data as HandedOutKey };
    if (reply.error.code === "no_key") return { status: "no-key" };
    if (reply.error.code !== "all_keys_cooling") throw reply.error;
    const cooling = reply.data as { readonly availableAt: string; readonly retryAfterSeconds: number };
    return { status: "all-cooling", ...cooling };
  }

  report(service: Service, report: Report): Promise<ReportOutcome> {
    return this.#api.ask<ReportOutcome>("POST", `${PATHS[service]}/status`, { body: report });
  }

  /**
   * Gets a key, runs the call with it and reports the status of the `Response` it returns; a call that returns
   * anything else has succeeded. An error is thrown on, and reported if it bears a status.
   */
  withKey<T>(
    pool: PoolChoice,
    call: (key: HandedOutKey) => Promise<T>,
    options: WithKeyOptions = {},
  ): Promise<KeyUse<T>> {
    const source = {
      handOut: () => this.handOut(pool),
      report: ({ key }: HandedOutKey, code: number) => this.report(pool.service, { key, code }),
      lost: this.#lost,
      wait: this.#wait,
    };
    return withKey(source, call, options);
  }

  /** Adds a key at the back of its pool. Throws `key_exists`. */
  addKey(
    service: Service,
    key: KeyFields & { readonly key: string; readonly region: string },
  ): Promise<ShownKey> {
    return this.#api.ask<ShownKey>("POST", PATHS[service], { body: key });
  }

  /** At least one field. Throws `key_not_found`. */
  updateKey(service: Service, id: KeyId, changes: KeyFields): Promise<ShownKey> {
    return this.#api.ask<ShownKey>("PUT", `${PATHS[service]}/${id}`, { body: changes });
  }

  /** Throws `key_not_found`. */
  deleteKey(service: Service, id: KeyId): Promise<ShownKey> {
    return this.#api.ask<ShownKey>("DELETE", `${PATHS[service]}/${id}`);
  }

  /** Throws `key_not_found`. */
  enableKey(service: Service, id: KeyId): Promise<ShownKey> {
    return this.#api.ask<ShownKey>("POST", `${PATHS[service]}/${id}/enable`);
  }

  /** Throws `key_not_found`. */
  disableKey(service: Service, id: KeyId): Promise<ShownKey> {
    return this.#api.ask<ShownKey>("POST", `${PATHS[service]}/${id}/disable`);
  }

  /** All keys that match. */
  listKeys(service: Service, { status, region, tag }: KeyFilter = {}): Promise<readonly ListedKey[]> {
    return this.#api.ask<readonly ListedKey[]>("GET", PATHS[service], { query: { status, region, tag } });
  }

  /** One page of the keys that match. */
  pageKeys(
    service: Service,
    { page = 1, ...query }: KeyFilter & KeySearch & PageChoice = {},
  ): Promise<KeyPage> {
    return this.#api.ask<KeyPage>("GET", PATHS[service], { query: { page, ...query } });
  }

  /** Throws `key_not_found`. */
  showKey(service: Service, id: KeyId): Promise<ListedKey> {
    return this.#api.ask<ListedKey>("GET", `${PATHS[service]}/${id}`);
  }

  /** How the keys of each service and region are. */
  listPools(): Promise<readonly PoolState[]> {
    return this.#api.ask<readonly PoolState[]>("GET", "/pools");
  }

  /** What happened, newest first. */
  listLogs(service: Service, filter: LogFilter = {}): Promise<LogPage> {
    return this.#api.ask<LogPage>("GET", `${PATHS[service]}/logs`, { query: filter });
  }

  /** How many codes were reported over time: by class and, without a key, by region. */
  readReportHistory(filter: ReportFilter = {}): Promise<ReportHistory> {
    return this.#api.ask<ReportHistory>("GET", "/reports/history", { query: filter });
  }

  readStatistics(service: Service): Promise<Statistics> {
    return this.#api.ask<Statistics>("GET", `${PATHS[service]}/stats`);
  }

  /** Asks Azure whether a key works. Throws `probe_failed` and `probe_timeout` when Azure did not say. */
  async testKey(kind: KeyTestKind, test: KeyTest): Promise<KeyTestResult> {
    const reply = await this.#api.send("POST", TEST_PATHS[kind], { body: test, timeoutMs: this.#longMs });
    if (reply.success) return { works: true, ...(reply.data as KeyTestData) };
    if (reply.error.code !== "key_rejected") throw reply.error;
    return { works: false, reason: reply.error.message, ...(reply.data as KeyTestData) };
  }

  /** Tells what an import would stumble over, and changes nothing. */
  validateImport(service: Service, keys: readonly ImportRow[] | ImportText): Promise<ImportVerdict> {
    const request = { ...importRequest(service, keys), timeoutMs: this.#longMs };
    return this.#api.ask<ImportVerdict>("POST", "/upload/validate", request);
  }

  /**
   * Adds many keys, up to 200,000 and 32 MB. What was wrong with which row is in the report, also when it was
   * every row. With `testBeforeCreate` it ends after `timeoutMs`, or 120 s if that is less; made again, it goes on.
   */
  async importKeys(
    service: Service,
    keys: readonly ImportRow[] | ImportText,
    options: ImportOptions = {},
  ): Promise<ImportReport> {
    const request = { ...importRequest(service, keys, options), timeoutMs: this.#longMs };
    const reply = await this.#api.send("POST", "/upload/create-keys", request);
    if (!reply.success && reply.data === undefined) throw reply.error;
    return reply.data as ImportReport;
  }

  /**
   * Tells what happens, for as long as it is iterated; a connection that is lost is made again, and goes on where it
   * was. After a `reset` events are missing, so that what is shown has to be read again. Throws what the first
   * connection throws, and later `unauthorized` and the like.
   */
  watch({
    service,
    region,
    kinds,
    lastEventId,
    signal,
  }: EventChoice = {}): AsyncGenerator<WatchedEvent, void> {
    const query = { service, region, kinds: kinds?.join(",") };
    const source = {
      open: (lastId: string | undefined, over: AbortSignal) =>
        this.#api.stream("/events", query, lastId === undefined ? {} : { "last-event-id": lastId }, over),
      wait: this.#wait,
      silenceMs: SILENCE_MS,
    };
    return watchEvents(source, lastEventId, signal);
  }

  readCleanup(): Promise<CleanupStatus> {
    return this.#api.ask<CleanupStatus>("GET", "/system/cleanup");
  }

  /** Removes the log rows that are too old or too many, now. */
  cleanUp(): Promise<CleanupStatus> {
    return this.#api.ask<CleanupStatus>("POST", "/system/cleanup", { timeoutMs: this.#longMs });
  }

  listSettings(): Promise<readonly ConfigEntry[]> {
    return this.#api.ask<readonly ConfigEntry[]>("GET", "/config");
  }

  /** Throws `config_not_found`. */
  readSetting(name: string): Promise<ConfigEntry> {
    return this.#api.ask<ConfigEntry>("GET", `/config/${encodeURIComponent(name)}`);
  }

  /** Adds a setting, or changes it. */
  saveSetting(change: ConfigChange): Promise<ConfigEntry> {
    return this.#api.ask<ConfigEntry>("POST", "/config", { body: change });
  }

  /** Throws `config_not_found`. */
  updateSetting({ config_key, ...change }: ConfigChange): Promise<ConfigEntry> {
    const path = `/config/${encodeURIComponent(config_key)}`;
    return this.#api.ask<ConfigEntry>("PUT", path, { body: change });
  }

  /** Saves all of them, or none. */
  saveSettings(configs: readonly ConfigChange[]): Promise<readonly ConfigEntry[]> {
    return this.#api.ask<readonly ConfigEntry[]>("POST", "/config/batch", { body: { configs } });
  }

  /** Puts a known setting back to its default and removes any other. Throws `config_not_found`. */
  restoreSetting(name: string): Promise<ConfigEntry> {
    return this.#api.ask<ConfigEntry>("DELETE", `/config/${encodeURIComponent(name)}`);
  }

  async checkHealth(): Promise<Health> {
    const reply = await this.#api.send("GET", "/health");
    if (!reply.success && reply.error.code !== "unhealthy") throw reply.error;
    return reply.data as Health;
  }
}

function importRequest(
  type: Service,
  keys: readonly ImportRow[] | ImportText,
  options: ImportOptions = {},
): ApiRequest {
  if (!("media" in keys)) return { body: { type, jsonData: keys, options } };
  const { media, content, region } = keys;
  return { text: { media, content }, query: { type, region, ...options } };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
