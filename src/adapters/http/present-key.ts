import { type Key, maskSecret, statusAt, type Usage } from "../../domain/index.ts";
import { isoTime } from "./iso-time.ts";

/** A key as anybody may see it, `at` an instant. */
export function presentKey(key: Key & Partial<Usage>, at: number) {
  const { id, secret, service, region, name, tag, standing, createdAt } = key;
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
    ...presentUsage(key),
    created_at: isoTime(createdAt),
  };
}

/** The one presenter that shows a secret: what a hand-out answers. A key that is handed out is enabled. */
export function presentHandOut({ id, secret, region, name, tag, createdAt }: Key) {
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

function presentDisabled({ standing }: Key) {
  if (standing.status === "enabled") return { disabled_by: null, disabled_code: null, disabled_at: null };
  return {
    disabled_by: standing.disabledBy,
    disabled_code: standing.disabledBy === "code" ? standing.disabledCode : null,
    disabled_at: isoTime(standing.disabledAt),
  };
}

function presentUsage({ usageCount, errorCount, lastUsedAt }: Partial<Usage>) {
  if (usageCount === undefined) return {};
  const last_used = lastUsedAt == null ? null : isoTime(lastUsedAt);
  return { usage_count: usageCount, error_count: errorCount, last_used };
}
