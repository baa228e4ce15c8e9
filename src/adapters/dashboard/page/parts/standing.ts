import type { ShownKey } from "../app/answers.ts";

export type Standing = Pick<
  ShownKey,
  "status" | "cooldown_until" | "protected_until" | "disabled_by" | "disabled_code"
>;

export type Phase = "enabled" | "protected" | "cooldown" | "disabled";

/** That a deadline passes is no news: what was answered before it is read by the clock. */
export function phaseOf({ status, cooldown_until, protected_until }: Standing, now: number): Phase {
  if (status === "disabled") return "disabled";
  if (isAhead(cooldown_until, now)) return "cooldown";
  return isAhead(protected_until, now) ? "protected" : "enabled";
}

/** When the standing of any of these changes by itself next; null for never. */
export function nextChange(keys: readonly Standing[], now: number): number | null {
  const deadlines = keys
    .filter(({ status }) => status !== "disabled")
    .flatMap(({ cooldown_until, protected_until }) => [cooldown_until, protected_until])
    .filter((at) => isAhead(at, now))
    .map((at) => Date.parse(at as string));
  return deadlines.length === 0 ? null : Math.min(...deadlines);
}

function isAhead(at: string | null, now: number): boolean {
  return at !== null && now < Date.parse(at);
}
