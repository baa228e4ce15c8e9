import { readFileSync } from "node:fs";
import { readNetworks } from "../adapters/http/index.ts";
import { parseDatabaseUrl } from "../adapters/mikro-orm/index.ts";
import type { MasterKeySource } from "../adapters/sealing/index.ts";
import { SpeechSdkProbe } from "../adapters/speech-sdk/index.ts";
import { TranslatorRestProbe } from "../adapters/translator/index.ts";
import { WEBHOOK_FORMATS, type WebhookFormat } from "../adapters/webhook/index.ts";
import { forgetSecrets, readMasterKeySource } from "./master-key-source.ts";
import { problemsOfNode } from "./node-variables.ts";

/** What the environment decides; everything else is a setting that changes at run time. */
export interface Config {
  /** `HOST`, default 127.0.0.1. */
  readonly host: string;
  /** `PORT`, default 3000; 0 takes any free port. */
  readonly port: number;
  /** `DATABASE_URL`, or what is in the file `DATABASE_URL_FILE`; default `sqlite:./data/keys.db`. */
  readonly databaseUrl: string;
  /** `DATABASE_SYNCHRONOUS`, default `normal`; `full` lets SQLite survive a loss of power. */
  readonly synchronous: "normal" | "full";
  /**
   * `MASTER_KEY` or `MASTER_KEY_FILE`; with neither a file of our own, which is made when it is needed. PostgreSQL needs
   * one of the two.
   */
  readonly masterKey: MasterKeySource;
  /**
   * `REDIS_URL`, or what is in the file `REDIS_URL_FILE`; without one the cooldowns live in this process, which has its
   * database for itself.
   */
  readonly redisUrl: string | undefined;
  /** `RECONCILE_INTERVAL_SECONDS`, default 5: how often all keys are compared with the database. With Redis only. */
  readonly reconcileMs: number;
  /**
   * `START_TIMEOUT_SECONDS`, default 60: how long a start waits for a database server. For Redis it waits 15 s
   * at most, and then starts without it.
   */
  readonly startTimeoutMs: number;
  /** `ADMIN_TOKEN`, at least 32 characters: lets its holder in as an admin while no admin's token is in force. */
  readonly adminToken: string | undefined;
  /** `ALLOW_OPEN`, 1 serves others than this machine although no token exists. Default: such a server refuses to start. */
  readonly allowOpen: boolean;
  /** `TRUST_PROXY`, networks of proxies, separated by commas, whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustProxy: readonly string[];
  /** `CORS_ORIGINS`, origins whose pages may call the API, separated by commas. Default: none. */
  readonly corsOrigins: readonly string[];
  /** `TLS_CERT` and `TLS_KEY`, PEM files; both or neither. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** `LOG_LEVEL`, default `info`. */
  readonly logLevel: string;
  /** `AZURE_SPEECH_URL`; without one probes go to Azure itself. */
  readonly azureSpeechUrl: string | undefined;
  /** `AZURE_TRANSLATOR_URL`; without one probes go to Azure itself. */
  readonly azureTranslatorUrl: string | undefined;
  /**
   * `WEBHOOK_URL`, or what is in the file `WEBHOOK_URL_FILE`: where it is posted that a key is dead or a pool is low.
   * Default: nowhere.
   */
  readonly webhookUrl: string | undefined;
  /** `WEBHOOK_FORMAT`, default `json`. */
  readonly webhookFormat: WebhookFormat;
  /** `WEBHOOK_LOW_POOL`, default 1: a pool is low at so many usable keys or fewer; 0 tells of no pool. */
  readonly webhookLowPool: number;
}

/** The variables whose values are secrets. Each can be given by the name of a file, in `<name>_FILE`. */
export const SECRET_VARIABLES = ["DATABASE_URL", "REDIS_URL", "ADMIN_TOKEN", "WEBHOOK_URL"] as const;

type SecretVariable = (typeof SECRET_VARIABLES)[number];

/** Names every variable of the environment with a bad value. Values are not repeated: they may be secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Bad environment:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

const PLAIN_ON_LOOPBACK =
  "http://… only for this machine, such as http://127.0.0.1:8080, for it carries keys in clear";

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

/** Reads and checks the environment; unset and empty mean the default. Throws `ConfigError`. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [...problemsOfNode(environment)];
  const parsedOr = <T>(
    byDefault: T,
    value: string | undefined,
    parse: (value: string) => T | undefined,
    problem: string,
  ): T => {
    if (!value) return byDefault;
    const parsed = parse(value);
    if (parsed === undefined) problems.push(problem);
    return parsed ?? byDefault;
  };
  const read = <T>(name: string, byDefault: T, parse: (value: string) => T | undefined, rule: string): T =>
    parsedOr(byDefault, environment[name]?.trim(), parse, `${name}: must be ${rule}`);
  const readSecret = <T>(
    name: SecretVariable,
    byDefault: T,
    parse: (value: string) => T | undefined,
    rule: string,
  ): T => {
    const fileVariable = `${name}_FILE`;
    const file = environment[fileVariable]?.trim();
    if (!file) return read(name, byDefault, parse, rule);
    if (environment[name]?.trim()) {
      problems.push(`${name}: must not be set together with ${fileVariable}`);
      return byDefault;
    }
    const content = contentOf(file);
    if ("fault" in content) problems.push(`${fileVariable}: ${content.fault}`);
    else
      return parsedOr(byDefault, content.text, parse, `${fileVariable}: must be a file that holds ${rule}`);
    return byDefault;
  };
  const config: Config = {
    host: read("HOST", "127.0.0.1", matching(/^[\w.:-]+$/), "a host name or an address"),
    port: read("PORT", 3000, port, "an integer from 0 to 65535"),
    databaseUrl: readSecret(
      "DATABASE_URL",
      "sqlite:./data/keys.db",
      acceptedBy(parseDatabaseUrl),
      "sqlite:<path>, sqlite::memory: or postgres://…",
    ),
    synchronous: read("DATABASE_SYNCHRONOUS", "normal", oneOf("normal", "full"), "normal or full"),
    masterKey: readMasterKeySource(environment, problems),
    redisUrl: readSecret("REDIS_URL", undefined, url("redis:", "rediss:"), "redis://… or rediss://…"),
    reconcileMs: read("RECONCILE_INTERVAL_SECONDS", 5_000, secondsAsMs, "an integer from 1 to 9999"),
    startTimeoutMs: read("START_TIMEOUT_SECONDS", 60_000, secondsAsMs, "an integer from 1 to 9999"),
    adminToken: readSecret(
      "ADMIN_TOKEN",
      undefined,
      matching(/^[\x21-\x7e]{32,256}$/),
      "32 to 256 visible ASCII characters",
    ),
    allowOpen: read("ALLOW_OPEN", "0", oneOf("0", "1"), "0 or 1") === "1",
    trustProxy: read("TRUST_PROXY", [], networks, "networks such as 10.0.0.0/8, separated by commas"),
    corsOrigins: read(
      "CORS_ORIGINS",
      [],
      origins,
      "origins such as https://keys.example.com, separated by commas",
    ),
    tls: bothOrNeither(
      read("TLS_CERT", undefined, (file) => file, "a file"),
      read("TLS_KEY", undefined, (file) => file, "a file"),
      problems,
    ),
    logLevel: read("LOG_LEVEL", "info", oneOf(...LOG_LEVELS), LOG_LEVELS.join(", ")),
    azureSpeechUrl: read(
      "AZURE_SPEECH_URL",
      undefined,
      guarded(acceptedBy((baseUrl) => new SpeechSdkProbe({ baseUrl }))),
      `https://…, with a host and a port only; ${PLAIN_ON_LOOPBACK}`,
    ),
    azureTranslatorUrl: read(
      "AZURE_TRANSLATOR_URL",
      undefined,
      guarded(acceptedBy((baseUrl) => new TranslatorRestProbe({ baseUrl }))),
      `https://…; ${PLAIN_ON_LOOPBACK}`,
    ),
    webhookUrl: readSecret(
      "WEBHOOK_URL",
      undefined,
      guarded(webhookUrl),
      "https://… without a user; http://… only for this machine",
    ),
    webhookFormat: read("WEBHOOK_FORMAT", "json", oneOf(...WEBHOOK_FORMATS), WEBHOOK_FORMATS.join(", ")),
    webhookLowPool: read("WEBHOOK_LOW_POOL", 1, smallCount, "an integer from 0 to 9999"),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/**
 * Takes secrets, once they have been read, out of an environment that worker threads, children and diagnostic
 * reports would inherit. The system still shows the environment that the process was started with to its user;
 * files do not have that flaw.
 */
export function removeSecrets(environment: Record<string, string | undefined>): void {
  for (const name of SECRET_VARIABLES) delete environment[name];
  forgetSecrets(environment);
}

/** A file's text without the newline that an editor leaves at its end. */
function contentOf(file: string): { readonly text: string } | { readonly fault: string } {
  try {
    const text = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    return text.trim() === "" ? { fault: "the file is empty" } : { text };
  } catch (error) {
    return { fault: `the file cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

function matching(pattern: RegExp) {
  return (value: string) => (pattern.test(value) ? value : undefined);
}

function oneOf<T extends string>(...allowed: readonly T[]) {
  return (value: string) => allowed.find((one) => one === value);
}

function port(value: string): number | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined;
}

function networks(value: string): readonly string[] | undefined {
  const found = value.split(",").map((network) => network.trim());
  return acceptedBy(() => readNetworks(found))(value) === undefined ? undefined : found;
}

function origins(value: string): readonly string[] | undefined {
  const found = value.split(",").map((origin) => origin.trim());
  return found.every((origin) => /^https?:/.test(origin) && URL.parse(origin)?.origin === origin)
    ? found
    : undefined;
}

function bothOrNeither(
  certFile: string | undefined,
  keyFile: string | undefined,
  problems: string[],
): Config["tls"] {
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  if (certFile !== keyFile) problems.push("TLS_CERT, TLS_KEY: must be set together");
  return undefined;
}

function secondsAsMs(value: string): number | undefined {
  return /^\d{1,4}$/.test(value) && Number(value) >= 1 ? Number(value) * 1000 : undefined;
}

function smallCount(value: string): number | undefined {
  return /^\d{1,4}$/.test(value) ? Number(value) : undefined;
}

/** `fetch` refuses a URL with a user in it. */
function webhookUrl(value: string): string | undefined {
  const url = URL.parse(value);
  return url && /^https?:$/.test(url.protocol) && url.username === "" && url.password === ""
    ? value
    : undefined;
}

function url(...protocols: readonly string[]) {
  return (value: string) => (protocols.includes(URL.parse(value)?.protocol ?? "") ? value : undefined);
}

/** The value unless it would send keys over a network in clear. */
function guarded(parse: (value: string) => string | undefined) {
  return (value: string) => {
    const { protocol = "", hostname = "" } = URL.parse(value) ?? {};
    return /^(https|wss):$/.test(protocol) || isLoopback(hostname) ? parse(value) : undefined;
  };
}

function isLoopback(hostname: string): boolean {
  return /^(localhost\.?|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** The value if its user takes it. A `TypeError` from there means that it is bad. */
function acceptedBy(use: (value: string) => unknown) {
  return (value: string) => {
    try {
      use(value);
      return value;
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  };
}
