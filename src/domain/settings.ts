import { type FieldProblem, invalid } from "./errors.ts";
import type { Policy, RotationStrategy } from "./policy.ts";
import { refuseSecretLike } from "./secret.ts";

const DAY_IN_SECONDS = 86_400;
const LONGEST_REST_SECONDS = 31 * DAY_IN_SECONDS;
const LONGEST_PROBE_SECONDS = 120;
const WEEK_IN_MINUTES = 7 * 24 * 60;
const MINUTE_IN_MS = 60_000;

/** The settings, which may change at run time, parsed. */
export interface Settings extends Policy {
  readonly rotation: RotationStrategy;
  /** Probes that one instance runs at Azure at a time; at least 1. */
  readonly maxConcurrentProbes: number;
  /** How long a probe may take in all, waiting for its start included, in milliseconds; greater than 0. */
  readonly probeTimeoutMs: number;
  /** How long after a code disabled a key it is probed again, in milliseconds; 0 for never. */
  readonly recheckIntervalMs: number;
  /** Log rows older than this are removed; 0 keeps them. */
  readonly logRetentionDays: number;
  /** The oldest log rows above this count are removed; 0 keeps them. */
  readonly logMaxRows: number;
  /** Keys that one client's token may disable in an hour, by reports to one instance. */
  readonly clientDisablesPerHour: number;
  /** Different keys that one client's token is handed in an hour by one instance; 0 for any number. */
  readonly clientDistinctKeysPerHour: number;
  /** Rows of the audit older than this are removed; 0 keeps them. */
  readonly auditRetentionDays: number;
}

/** A setting with a meaning: its default as text, and what it is for. Settings of other names are free text. */
export interface KnownSetting {
  readonly name: string;
  readonly defaultValue: string;
  readonly description: string;
}

/** What a setting's text may be, for people and programs that ask before they write; amounts as in the text. */
export type SettingBounds =
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  | { readonly kind: "seconds"; readonly min: number; readonly max: number }
  /** Seconds, too. */
  | { readonly kind: "aboveZero"; readonly max: number }
  /** Status codes, separated by commas. */
  | { readonly kind: "codes" }
  | { readonly kind: "choice"; readonly options: readonly string[] };

interface Reader<T> {
  readonly bounds: SettingBounds;
  /** Throws an error whose message says what the text must be. */
  readonly parse: (text: string) => T;
}

interface Definition<T> extends Reader<T> {
  readonly defaultValue: string;
  readonly description: string;
}

const STATUS_CODES: Reader<ReadonlySet<number>> = { bounds: { kind: "codes" }, parse: statusCodes };
const ROTATIONS = ["round_robin", "sticky"] as const satisfies readonly RotationStrategy[];
const ROTATION: Reader<RotationStrategy> = {
  bounds: { kind: "choice", options: ROTATIONS },
  parse: rotation,
};

const DEFINITIONS = {
  cooldown_seconds: setting("300", "Length of a cooldown in seconds", secondsAboveZero()),
  disable_codes: setting("401,403,404", "Codes that disable a key", STATUS_CODES),
  cooldown_codes: setting("429", "Codes that start a cooldown", STATUS_CODES),
  max_concurrent_requests: setting("10", "Probes that run at Azure at a time", integer(1)),
  probe_timeout_seconds: setting(
    "10",
    "Seconds that a probe may take",
    secondsAboveZero(LONGEST_PROBE_SECONDS),
  ),
  recheck_interval_minutes: setting(
    "0",
    "Minutes until a key that a code disabled is probed again, longer each time, 0 for never",
    inMs(integer(0, WEEK_IN_MINUTES), MINUTE_IN_MS),
  ),
  protection_period_seconds: setting(
    "5",
    "Seconds after a cooldown in which cooldown codes are ignored",
    seconds(),
  ),
  retry_after_max_seconds: setting(
    "3600",
    "Longest rest in seconds that a reported Retry-After may ask for, 0 to ignore it",
    inMs(integer(0, LONGEST_REST_SECONDS), 1000),
  ),
  key_rotation_strategy: setting("round_robin", "Whose turn it is: round_robin or sticky", ROTATION),
  log_retention_days: setting(
    "30",
    "Log rows older than this many days are removed, 0 keeps them",
    integer(),
  ),
  log_max_rows: setting(
    "1000000",
    "The oldest log rows above this count are removed, 0 keeps them",
    integer(),
  ),
  client_disables_per_hour: setting(
    "20",
    "Keys that the reports of one client's token may disable in an hour",
    integer(0, 10_000),
  ),
  client_distinct_keys_per_hour: setting(
    "0",
    "Different keys that one client's token is handed in an hour, 0 for any number",
    integer(0, 1000),
  ),
  audit_retention_days: setting(
    "365",
    "Rows of the audit older than this many days are removed, 0 keeps them",
    integer(),
  ),
} as const satisfies Record<string, Definition<unknown>>;

/** The name of a setting with a meaning. */
export type SettingName = keyof typeof DEFINITIONS;

/** All settings with a meaning. */
export const KNOWN_SETTINGS: readonly KnownSetting[] = Object.entries(DEFINITIONS).map(
  ([name, { defaultValue, description }]) => ({ name, defaultValue, description }),
);

/** What the text of this setting may be; which codes, and whether it fits the others, is for `readSettings`. */
export function boundsOf(name: SettingName): SettingBounds {
  return DEFINITIONS[name].bounds;
}

/** The setting with this name; undefined when the name has no meaning. */
export function knownSetting(name: string): KnownSetting | undefined {
  return KNOWN_SETTINGS.find((known) => known.name === name);
}

const NAME_LENGTH = 100;
const VALUE_LENGTH = 10_000;
const DESCRIPTION_LENGTH = 500;

/** Checks a setting's name, known or not. Throws `invalid_request`. */
export function parseSettingName(name: string): string {
  if (name.length > NAME_LENGTH || !/^[\w.:-]+$/.test(name) || name in Object.prototype) {
    const message = `must be 1 to ${NAME_LENGTH} letters, digits, "_", "-", "." or ":"`;
    throw invalid({ field: "name", message });
  }
  refuseSecretLike("name", name);
  return name;
}

/** Checks a setting's description: at most 500 characters. Throws `invalid_request`. */
export function parseSettingDescription(text: string): string {
  return limited("description", text, DESCRIPTION_LENGTH);
}

/**
 * Checks the text of any setting, known or not: at most 10,000 characters. Whether it means something, and
 * fits the other settings, is for `parseSettings`. Throws `invalid_request`.
 */
export function parseSettingValue(text: string): string {
  return limited("value", text, VALUE_LENGTH);
}

function limited(field: string, text: string, maxLength: number): string {
  if (text.length > maxLength || text.includes("\u0000") || !text.isWellFormed()) {
    throw invalid({ field, message: `must be at most ${maxLength} whole characters, none of them NUL` });
  }
  refuseSecretLike(field, text);
  return text;
}

/**
 * Parses all settings together, by name; one that is missing has its default, unknown names are ignored.
 * Throws `invalid_request` with a problem for each bad setting, its name as the field.
 */
export function parseSettings(values: ReadonlyMap<string, string>): Settings {
  const { settings, problems } = readSettings(values);
  if (problems.length > 0) throw invalid(...problems);
  return settings;
}

/** The same for values that are stored already: a bad one is replaced by its default and reported. */
export function readSettings(values: ReadonlyMap<string, string>): {
  readonly settings: Settings;
  readonly problems: readonly FieldProblem[];
} {
  const problems: FieldProblem[] = [];
  const read = <N extends SettingName>(name: N): ReturnType<(typeof DEFINITIONS)[N]["parse"]> => {
    const { parse, defaultValue } = DEFINITIONS[name] as Definition<
      ReturnType<(typeof DEFINITIONS)[N]["parse"]>
    >;
    try {
      return parse(values.get(name) ?? defaultValue);
    } catch (error) {
      problems.push({ field: name, message: (error as Error).message });
      return parse(defaultValue);
    }
  };
  const disableCodes = read("disable_codes");
  let cooldownCodes = read("cooldown_codes");
  const both = [...disableCodes].filter((code) => cooldownCodes.has(code));
  if (both.length > 0) {
    problems.push({ field: "cooldown_codes", message: `${both.join(",")} is in disable_codes too` });
    cooldownCodes = new Set([...cooldownCodes].filter((code) => !disableCodes.has(code)));
  }
  const settings = {
    cooldownMs: read("cooldown_seconds"),
    protectionMs: read("protection_period_seconds"),
    retryAfterMaxMs: read("retry_after_max_seconds"),
    disableCodes,
    cooldownCodes,
    rotation: read("key_rotation_strategy"),
    maxConcurrentProbes: read("max_concurrent_requests"),
    probeTimeoutMs: read("probe_timeout_seconds"),
    recheckIntervalMs: read("recheck_interval_minutes"),
    logRetentionDays: read("log_retention_days"),
    logMaxRows: read("log_max_rows"),
    clientDisablesPerHour: read("client_disables_per_hour"),
    clientDistinctKeysPerHour: read("client_distinct_keys_per_hour"),
    auditRetentionDays: read("audit_retention_days"),
  };
  return { settings, problems };
}

/** What holds when nothing is set. */
export const DEFAULT_SETTINGS: Settings = parseSettings(new Map());

function setting<T>(defaultValue: string, description: string, reader: Reader<T>): Definition<T> {
  return { defaultValue, description, ...reader };
}

function seconds(): Reader<number> {
  const [min, max] = [0, LONGEST_REST_SECONDS];
  const parse = (text: string) => secondsInMs(text, 0, max, `from ${min} up to ${max}`);
  return { bounds: { kind: "seconds", min, max }, parse };
}

function secondsAboveZero(max = LONGEST_REST_SECONDS): Reader<number> {
  const parse = (text: string) => secondsInMs(text, 1, max, `greater than 0 and up to ${max}`);
  return { bounds: { kind: "aboveZero", max }, parse };
}

function secondsInMs(text: string, leastMs: number, max: number, range: string): number {
  const ms = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Math.round(Number(text) * 1000) : Number.NaN;
  if (!(ms >= leastMs && ms <= max * 1000)) throw new Error(`must be a number of seconds ${range}`);
  return ms;
}

function integer(min = 0, max = 999_999_999): Reader<number> {
  const parse = (text: string) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < min || Number(text) > max) {
      throw new Error(`must be an integer from ${min} to ${max}`);
    }
    return Number(text);
  };
  return { bounds: { kind: "integer", min, max }, parse };
}

function inMs({ bounds, parse }: Reader<number>, unitMs: number): Reader<number> {
  return { bounds, parse: (text) => parse(text) * unitMs };
}

function statusCodes(text: string): ReadonlySet<number> {
  const parts = text.trim() === "" ? [] : text.split(",").map((part) => part.trim());
  for (const part of parts) {
    if (!/^[345]\d\d$/.test(part)) throw new Error("must be codes from 300 to 599, separated by commas");
  }
  return new Set(parts.map(Number));
}

function rotation(text: string): RotationStrategy {
  const found = ROTATIONS.find((one) => one === text);
  if (!found) throw new Error(`must be ${ROTATIONS.map((one) => `"${one}"`).join(" or ")}`);
  return found;
}
