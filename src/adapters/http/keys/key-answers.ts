import type { CodeOutcome, SeenKey, Statistics } from "../../../application/index.ts";
import {
  type Key,
  type KeyId,
  type KeyStatus,
  type LogAction,
  type LogEntry,
  maskSecret,
  type PoolCounts,
  type Service,
  type SkipReason,
  statusAt,
  type Usage,
} from "../../../domain/index.ts";
import { isoTime } from "../server/iso-time.ts";
import type { PageInfo } from "../server/paging.ts";

/** A key to use; the only answer that carries a secret. */
export interface HandedOutKey {
  readonly id: KeyId;
  /** The secret. */
  readonly key: string;
  readonly region: string;
  readonly keyname: string;
  readonly tag: string | null;
  readonly status: "enabled";
  readonly created_at: string;
}

/** When every key of the pool rests. */
export interface CoolingPool {
  readonly availableAt: string;
  /** The same by the server's clock, rounded up. */
  readonly retryAfterSeconds: number;
}

/** What a code did to the key. */
export type ReportOutcome =
  | { readonly action: "keep_enabled" | "log"; readonly statusChanged: false }
  | { readonly action: "disable" | "cooldown"; readonly statusChanged: true }
  | { readonly action: "skip"; readonly reason: SkipReason; readonly statusChanged: false };

/** A key as anybody may see it. */
export interface ShownKey {
  readonly id: KeyId;
  /** The secret's first four characters and `***`. */
  readonly key: string;
  readonly service: Service;
  readonly region: string;
  readonly keyname: string;
  readonly tag: string | null;
  readonly status: KeyStatus;
  /** When a cooldown that is running ends. */
  readonly cooldown_until: string | null;
  /** Until when cooldown codes are ignored. */
  readonly protected_until: string | null;
  readonly disabled_by: "person" | "code" | null;
  readonly disabled_code: number | null;
  readonly disabled_at: string | null;
  /** How many leases of it may run at a time; null for any number. */
  readonly max_in_flight: number | null;
  readonly created_at: string;
}

/** A key and how much it has been used. */
export interface ListedKey extends ShownKey {
  readonly usage_count: number;
  readonly error_count: number;
  readonly last_used: string | null;
}

/** A key by itself. */
export interface DetailedKey extends ListedKey {
  /** How many leases of it run now. */
  readonly in_use: number;
}

/** How the keys of one service and region are. */
export interface PoolState {
  readonly service: Service;
  readonly region: string;
  readonly enabled: number;
  readonly cooldown: number;
  readonly disabled: number;
  /** When the first of those that rest returns. */
  readonly next_available_at: string | null;
}

export interface KeyPage extends PageInfo {
  readonly keys: readonly ListedKey[];
}

/** One act; it outlives its key. */
export interface LogRow {
  readonly id: number;
  readonly key_id: KeyId | null;
  readonly action: LogAction;
  readonly status_code: number | null;
  readonly note: string | null;
  /** A token's id, or `env`, `system`, `caller`; null in rows that are older than this field. */
  readonly actor: string | null;
  readonly created_at: string;
  readonly keyname: string | null;
  readonly region: string | null;
}

export interface LogPage extends PageInfo {
  readonly logs: readonly LogRow[];
}

export interface RestingKey {
  /** The secret's first four characters and `***`. */
  readonly key: string;
  readonly region: string;
  readonly cooldownUntil: string;
  readonly remainingSeconds: number;
}

export interface KeyStatistics {
  readonly cooldown: {
    readonly totalKeys: number;
    readonly cooldownKeys: number;
    readonly enabledKeys: number;
    readonly disabledKeys: number;
  };
  readonly cooldownKeys: readonly RestingKey[];
}

/** The one presenter that shows a secret: what a hand-out answers. A key that is handed out is enabled. */
export function presentHandOut({ id, secret, region, name, tag, createdAt }: Key): HandedOutKey {
  return {
    id,
    key: secret,
    region,
    keyname: name,
    tag,
    status: "enabled",
    created_at: isoTime(createdAt),
  };
}

/** Of a pool whose first key returns at `availableAt`, seen `at` an instant. */
export function presentCooling(availableAt: number, at: number): CoolingPool {
  return { availableAt: isoTime(availableAt), retryAfterSeconds: Math.ceil((availableAt - at) / 1000) };
}

export function presentOutcome(outcome: CodeOutcome): ReportOutcome {
  switch (outcome.action) {
    case "skip":
      return { action: outcome.action, reason: outcome.reason, statusChanged: false };
    case "disable":
    case "cooldown":
      return { action: outcome.action, statusChanged: true };
    default:
      return { action: outcome.action, statusChanged: false };
  }
}

/** A key as anybody may see it, `at` an instant. */
export function presentKey(key: Key, at: number): ShownKey {
  return { ...presentIdentity(key, at), created_at: isoTime(key.createdAt) };
}

export function presentListedKey(key: Key & Usage, at: number): ListedKey {
  return { ...presentIdentity(key, at), ...presentUsage(key), created_at: isoTime(key.createdAt) };
}

export function presentDetailedKey({ key, inUse, at }: SeenKey): DetailedKey {
  return { ...presentListedKey(key, at), in_use: inUse };
}

export function presentPool({ nextAt, service, region, enabled, cooldown, disabled }: PoolCounts): PoolState {
  const next_available_at = nextAt === null ? null : isoTime(nextAt);
  return { service, region, enabled, cooldown, disabled, next_available_at };
}

export function presentLog({
  id,
  keyId,
  action,
  statusCode,
  note,
  actor,
  at,
  keyName,
  region,
}: LogEntry): LogRow {
  return {
    id,
    key_id: keyId,
    action,
    status_code: statusCode,
    note,
    actor,
    created_at: isoTime(at),
    keyname: keyName,
    region,
  };
}

export function presentCounts({
  enabled,
  cooldown,
  disabled,
}: Statistics["counts"]): KeyStatistics["cooldown"] {
  return {
    totalKeys: enabled + cooldown + disabled,
    cooldownKeys: cooldown,
    enabledKeys: enabled,
    disabledKeys: disabled,
  };
}

export function presentResting({ secret, region, standing: { cooldownUntil } }: Key, at: number): RestingKey {
  return {
    key: maskSecret(secret),
    region,
    cooldownUntil: isoTime(cooldownUntil),
    remainingSeconds: Math.ceil((cooldownUntil - at) / 1000),
  };
}

// What these answer is written out: of fields that are spread into an object, the compiler takes any.
type Disabled = Pick<ShownKey, "disabled_by" | "disabled_code" | "disabled_at">;

function presentIdentity(key: Key, at: number): Omit<ShownKey, "created_at"> {
  const { id, secret, service, region, name, tag, maxInFlight, standing } = key;
  return {
    id,
    key: maskSecret(secret),
    service,
    region,
    keyname: name,
    tag,
    status: statusAt(standing, at),
    cooldown_until: at < standing.cooldownUntil ? isoTime(standing.cooldownUntil) : null,
    protected_until: at < standing.protectedUntil ? isoTime(standing.protectedUntil) : null,
    ...presentDisabled(key),
    max_in_flight: maxInFlight,
  };
}

function presentDisabled({ standing }: Key): Disabled {
  if (standing.status === "enabled") return { disabled_by: null, disabled_code: null, disabled_at: null };
  return {
    disabled_by: standing.disabledBy,
    disabled_code: standing.disabledBy === "code" ? standing.disabledCode : null,
    disabled_at: isoTime(standing.disabledAt),
  };
}

function presentUsage({ usageCount, errorCount, lastUsedAt }: Usage): Omit<ListedKey, keyof ShownKey> {
  const last_used = lastUsedAt === null ? null : isoTime(lastUsedAt);
  return { usage_count: usageCount, error_count: errorCount, last_used };
}
