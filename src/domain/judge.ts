import type { Policy } from "./policy.ts";
import type { RetryAfter } from "./retry-after.ts";
import { phase, type Standing } from "./standing.ts";
import { isSuccess } from "./status-code.ts";

/** Why a code changed nothing: what the key was when it was reported. */
export type SkipReason = "already_disabled" | "protected" | "cooling" | "disabled";

/** What a reported code does to a key. Only `disable` and `cooldown` change the standing. */
export type Judgement =
  | { readonly action: "keep_enabled" | "log"; readonly standing: Standing }
  | { readonly action: "disable" | "cooldown"; readonly standing: Standing }
  | { readonly action: "skip"; readonly reason: SkipReason; readonly standing: Standing };

/** A key whose service says "at once" rests so long all the same: it has just been throttled. */
const SHORTEST_RETRY_AFTER_MS = 1000;

/**
 * Decides what `code`, an HTTP status reported at `now`, does to a key with this standing. `retryAfter` says when a
 * cooldown ends that starts by it; a cooldown that runs already keeps its deadline.
 */
export function judge(
  standing: Standing,
  code: number,
  policy: Policy,
  now: number,
  retryAfter?: RetryAfter,
): Judgement {
  const current = phase(standing, now);
  if (isSuccess(code)) {
    const works = current === "available" || current === "protected";
    return { action: works ? "keep_enabled" : "log", standing };
  }
  if (policy.disableCodes.has(code)) {
    if (current === "disabled") return { action: "skip", reason: "already_disabled", standing };
    return { action: "disable", standing: disabledByCode(standing, code, now) };
  }
  if (policy.cooldownCodes.has(code)) {
    if (current !== "available") return { action: "skip", reason: current, standing };
    return { action: "cooldown", standing: cooled(standing, policy, now, retryAfter) };
  }
  return { action: "log", standing };
}

function disabledByCode(standing: Standing, code: number, now: number): Standing {
  const { cooldownUntil, protectedUntil, generation } = standing;
  const rest = { cooldownUntil, protectedUntil, generation };
  return { status: "disabled", disabledBy: "code", disabledCode: code, disabledAt: now, ...rest };
}

function cooled(
  standing: Standing,
  policy: Policy,
  now: number,
  retryAfter: RetryAfter | undefined,
): Standing {
  const cooldownUntil = now + restMs(policy, now, retryAfter);
  const protectedUntil = cooldownUntil + policy.protectionMs;
  return { status: "enabled", cooldownUntil, protectedUntil, generation: standing.generation };
}

function restMs(
  { cooldownMs, retryAfterMaxMs }: Policy,
  now: number,
  retryAfter: RetryAfter | undefined,
): number {
  if (retryAfter === undefined || retryAfterMaxMs === 0) return cooldownMs;
  const askedMs = retryAfter.kind === "delay" ? retryAfter.ms : retryAfter.at - now;
  return Math.min(Math.max(askedMs, SHORTEST_RETRY_AFTER_MS), retryAfterMaxMs);
}
