/** When a key rests, and what outranks what. */
interface Rest {
  /** The last cooldown's deadline, in epoch milliseconds; 0 when the key has never rested. */
  readonly cooldownUntil: number;
  /** Until when cooldown codes are ignored, in epoch milliseconds; never before `cooldownUntil`. */
  readonly protectedUntil: number;
  /** Raised by what permits: enabling, and cutting a rest that a wrong clock made too long. It outranks all before it. */
  readonly generation: number;
}

/** May be handed out, unless it rests. */
export interface EnabledStanding extends Rest {
  readonly status: "enabled";
}

/** Out of its pool until a person enables it. */
export interface DisabledByPerson extends Rest {
  readonly status: "disabled";
  readonly disabledBy: "person";
  readonly disabledAt: number;
}

/** Out of its pool until a person enables it, or a probe finds that it works again. */
export interface DisabledByCode extends Rest {
  readonly status: "disabled";
  readonly disabledBy: "code";
  readonly disabledCode: number;
  readonly disabledAt: number;
}

/** The facts that decide a key's availability, kept and compared as one value. Instants are epoch milliseconds. */
export type Standing = EnabledStanding | DisabledByPerson | DisabledByCode;

/** The standing of a key that was just added: enabled, never rested. */
export const NEW_STANDING: Standing = {
  status: "enabled",
  cooldownUntil: 0,
  protectedUntil: 0,
  generation: 0,
};

/** `cooling`: rests until its deadline. `protected`: has just rested, and cooldown codes are ignored. */
export type Phase = "disabled" | "cooling" | "protected" | "available";

/** What a standing means at an instant. Nothing has to happen for a deadline to pass. */
export function phase(standing: Standing, now: number): Phase {
  if (standing.status === "disabled") return "disabled";
  if (now < standing.cooldownUntil) return "cooling";
  return now < standing.protectedUntil ? "protected" : "available";
}

/** Why a key is away. */
export type AwayReason = "cooldown";

/** A key is away until an instant, because of a reason; it comes back by itself. */
export interface Away {
  /** Epoch milliseconds. At this instant the key is back. */
  readonly until: number;
  readonly reason: AwayReason;
}

/** Until when, and why, a key is away. Undefined for one that may be handed out, and for a disabled one. */
export function awayAt(standing: Standing, now: number): Away | undefined {
  if (standing.status === "disabled" || now >= standing.cooldownUntil) return undefined;
  return { until: standing.cooldownUntil, reason: "cooldown" };
}

/** The phases as people know them: a protected key is an enabled one. */
export type KeyStatus = "enabled" | "disabled" | "cooldown";

/** The status of a key with this standing at the instant `now`. */
export function statusAt(standing: Standing, now: number): KeyStatus {
  if (standing.status === "disabled") return "disabled";
  return now < standing.cooldownUntil ? "cooldown" : "enabled";
}

/** A person takes the key out of the pool. Idempotent, and stronger than a code's disable. */
export function disable(standing: Standing, now: number): Standing {
  if (standing.status === "disabled" && standing.disabledBy === "person") return standing;
  const { cooldownUntil, protectedUntil, generation } = standing;
  const disabledAt = standing.status === "disabled" ? standing.disabledAt : now;
  return { status: "disabled", disabledBy: "person", disabledAt, cooldownUntil, protectedUntil, generation };
}

/**
 * Puts the key back into the pool. A running cooldown ends now and its protection follows with its fixed
 * length; a deadline that has passed is left alone. A key that is neither disabled nor cooling stays as it is.
 */
export function enable(standing: Standing, now: number): Standing {
  const cooling = now < standing.cooldownUntil;
  if (standing.status === "enabled" && !cooling) return standing;
  const { cooldownUntil, protectedUntil, generation } = standing;
  return {
    status: "enabled",
    cooldownUntil: cooling ? now : cooldownUntil,
    protectedUntil: cooling ? now + (protectedUntil - cooldownUntil) : protectedUntil,
    generation: generation + 1,
  };
}
