import type { ImportOptions } from "../../application/index.ts";
import type { KeyId, Service } from "../../domain/index.ts";
import type {
  AllCooling,
  CleanupStatus,
  ConfigEntry,
  CoolingPool,
  DetailedKey,
  GivenLease,
  HandedOutKey,
  HandOut,
  Health,
  ImportReport,
  ImportTemplate,
  ImportVerdict,
  KeyPage,
  KeyTestData,
  KeyTestResult,
  Leasing,
  ListedKey,
  LogPage,
  NoKey,
  OpenApiDocument,
  PoolState,
  ReportHistory,
  ReportOutcome,
  RunningLease,
  ShownKey,
  Statistics,
} from "./api-answers.ts";
import {
  ApiConnection,
  type ApiRequest,
  type CallOptions,
  type ConnectionOptions,
  DEFAULT_TIMEOUT_MS,
} from "./api-connection.ts";
import type { Reply } from "./api-reply.ts";
import type { StreamSource } from "./follow-stream.ts";
import { FollowedKey, type FollowOptions } from "./followed-key.ts";
import { KeysOfPool, type KnownServer, type Released } from "./keys-of-pool.ts";
import type {
  ConfigChange,
  EventChoice,
  ImportRow,
  ImportText,
  KeyFields,
  KeyFilter,
  KeySearch,
  KeyTest,
  KeyTestKind,
  LeaseReport,
  LeaseRequest,
  LogFilter,
  PageChoice,
  PoolChoice,
  Report,
  ReportFilter,
} from "./requests.ts";
import { SafeHooks, tell } from "./safe-hooks.ts";
import { pause, type Wait } from "./wait.ts";
import { type WatchedEvent, watchEvents } from "./watch-events.ts";
import { type KeyCall, type WithKeyOptions, withKey } from "./with-key.ts";

export interface KeyPoolClientOptions extends ConnectionOptions {
  /** Told of a report, or of the return of a lease, that `withKey` could not deliver. Default: a warning on the console. */
  readonly onLostReport?: (error: unknown) => void;
  /** The time in milliseconds, by which `withKey` counts how long it waits; for tests. */
  readonly now?: () => number;
}

/** A stream of events has a comment every 15 seconds. */
const SILENCE_MS = 45_000;

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
  readonly #options: KeyPoolClientOptions;
  readonly #api: ApiConnection;
  readonly #wait: Wait;
  readonly #longMs: number;
  /** One for all clients that `with` makes of each other. */
  #server: KnownServer = { withoutLeasesUntil: 0 };

  constructor(options: KeyPoolClientOptions = {}) {
    this.#options = options;
    this.#api = new ApiConnection(options);
    this.#wait = options.wait ?? pause;
    this.#longMs = Math.max(LONG_MS, options.timeoutMs ?? 0);
  }

  /** The same client with other options for some calls: `client.with({ signal }).handOut(pool)`. */
  with(options: CallOptions): KeyPoolClient {
    return this.#likewise({ ...this.#options, ...options });
  }

  async handOut({ service, ...query }: PoolChoice): Promise<HandOut> {
    const reply = await this.#api.send("GET", `${PATHS[service]}/get`, { query });
    if (reply.success) return { status: "handed-out", key: reply.data as HandedOutKey };
    return noKeyIn(reply);
  }

  report(service: Service, report: Report): Promise<ReportOutcome> {
    return this.#api.ask<ReportOutcome>("POST", `${PATHS[service]}/status`, {
      body: report,
      isRepeatable: true,
    });
  }

  /** Takes a key and counts it as in use until the lease is given back or has run out. */
  async lease(request: LeaseRequest): Promise<Leasing> {
    const timeoutMs = (request.wait_ms ?? 0) + (this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const reply = await this.#api.send("POST", "/leases", { body: request, timeoutMs });
    if (reply.success) return { status: "leased", ...(reply.data as GivenLease) };
    if (reply.error.code !== "all_keys_busy") return noKeyIn(reply);
    return { status: "all-busy", ...(reply.data as CoolingPool) };
  }

  /** From now on for so many seconds, default 60. Throws `lease_not_found` when it has run out or was given back. */
  renewLease(id: string, ttlSeconds?: number): Promise<RunningLease> {
    const body = ttlSeconds === undefined ? {} : { ttl_seconds: ttlSeconds };
    return this.#api.ask<RunningLease>("POST", `/leases/${encodeURIComponent(id)}/renew`, {
      body,
      isRepeatable: true,
    });
  }

  /**
   * Gives a lease back and, with a code, reports it: what that did to the key, or null without a code, and for a lease that
   * had ended before, which changes nothing.
   */
  async releaseLease(id: string, report: LeaseReport = {}): Promise<ReportOutcome | null> {
    const { outcome } = await this.#release(id, report);
    return outcome;
  }

  /**
   * Gets a key for the call, as a lease where the server has leases; reports what Azure said, and tries another key when
   * it answers 401, 403 or 429, or closes a WebSocket for the like. Answers what the call returns. Throws
   * `NoKeyError` when there is no working key, with when to come back; what the call throws, where no key is to blame;
   * `ApiError` when the pool cannot be asked.
   */
  withKey<T>(pool: PoolChoice, call: KeyCall<T>, options: WithKeyOptions = {}): Promise<T> {
    const { onLostReport = warn, now = Date.now, hooks } = this.#options;
    const { signal: _, ...unended } = this.#options;
    const returning = this.#likewise(unended);
    const ending = this.#endedBy(options);
    const keys = new KeysOfPool({
      asking: this.#likewise({ ...this.#options, ...ending }),
      returning: {
        renewLease: (id, ttlSeconds) => returning.renewLease(id, ttlSeconds),
        release: (id, report) => returning.#release(id, report),
        report: (service, report) => returning.report(service, report),
      },
      pool,
      leaseSeconds: options.leaseSeconds,
      server: this.#server,
      now,
    });
    const told = new SafeHooks(hooks);
    return withKey(
      {
        take: keys.take,
        backoffMs: (failures, error) => this.#api.backoffMs(failures, error),
        lost: (error) => tell(() => onLostReport(error)),
        wait: this.#wait,
        now,
        onKeyUsed: (use) => told.keyUsed(use),
      },
      call,
      { ...options, ...ending },
    );
  }

  /** Follows the key to use of a pool, until it is closed. */
  followKey({ service, region, tag }: PoolChoice, options: FollowOptions = {}): FollowedKey {
    const query = { region, tag, rotate_seconds: options.rotateSeconds };
    const source = { ...this.#stream(`${PATHS[service]}/watch`, query), isPatient: true };
    return new FollowedKey(source, { ...options, ...this.#endedBy(options) });
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
    return this.#api.ask<ShownKey>("POST", `${PATHS[service]}/${id}/enable`, { isRepeatable: true });
  }

  /** Throws `key_not_found`. */
  disableKey(service: Service, id: KeyId): Promise<ShownKey> {
    return this.#api.ask<ShownKey>("POST", `${PATHS[service]}/${id}/disable`, { isRepeatable: true });
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
  showKey(service: Service, id: KeyId): Promise<DetailedKey> {
    return this.#api.ask<DetailedKey>("GET", `${PATHS[service]}/${id}`);
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

  /** A file to fill in: two rows that show every field, and the options with their defaults. */
  readImportTemplate(service: Service): Promise<ImportTemplate> {
    return this.#api.download<ImportTemplate>("/upload/template", "keys", { query: { type: service } });
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
    onOpen = () => {},
    signal,
  }: EventChoice = {}): AsyncGenerator<WatchedEvent, void> {
    const query = { service, region, kinds: kinds?.join(",") };
    return watchEvents(
      { ...this.#stream("/events", query), isPatient: false, opened: onOpen },
      lastEventId,
      this.#endedBy({ signal }).signal,
    );
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

  /** The OpenAPI document of the server. */
  readDocumentation(): Promise<OpenApiDocument> {
    return this.#api.download<OpenApiDocument>("/docs", "openapi");
  }

  async #release(id: string, body: LeaseReport = {}): Promise<Released> {
    const path = `/leases/${encodeURIComponent(id)}/release`;
    const reply = await this.#api.send("POST", path, { body, isRepeatable: true });
    if (!reply.success) throw reply.error;
    return { outcome: reply.data as ReportOutcome | null, isFirstAttempt: reply.attempt === 1 };
  }

  #likewise(options: KeyPoolClientOptions): KeyPoolClient {
    const client = new KeyPoolClient(options);
    client.#server = this.#server;
    return client;
  }

  /** By the client's signal as well as by that of one call. */
  #endedBy({ signal }: { readonly signal?: AbortSignal | undefined }): { readonly signal?: AbortSignal } {
    const signals = [this.#api.signal, signal].filter((one) => one !== undefined);
    const [first] = signals;
    return first ? { signal: signals.length > 1 ? AbortSignal.any(signals) : first } : {};
  }

  #stream(path: string, query: object): Omit<StreamSource, "isPatient"> {
    return {
      open: (lastId, signal, attempt) => {
        const headers = { ...(lastId !== undefined && { "last-event-id": lastId }) };
        return this.#api.stream(path, query, { headers, signal, attempt });
      },
      retried: (attempt, error, delayMs) => this.#api.streamRetried({ path, attempt, error, delayMs }),
      backoffMs: (failures, error, firstMs) => this.#api.backoffMs(failures, error, firstMs),
      wait: this.#wait,
      silenceMs: SILENCE_MS,
    };
  }
}

function noKeyIn({ error, data }: Extract<Reply, { success: false }>): AllCooling | NoKey {
  if (error.code === "no_key") return { status: "no-key" };
  if (error.code !== "all_keys_cooling") throw error;
  return { status: "all-cooling", ...(data as CoolingPool) };
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

function warn(error: unknown): void {
  console.warn("A report to the key pool was lost:", error);
}
