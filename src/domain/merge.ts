import type { Standing } from "./standing.ts";

/**
 * The order of standings, most significant part first: the higher generation, then disabled over enabled
 * (a person's over a code's), then the later deadline. The rest only makes ties fall the same way everywhere.
 * Adapters that compare in their own language compare exactly these numbers.
 */
export function rankOf(standing: Standing): readonly [number, number, number, number, number, number] {
  const disabled = standing.status === "disabled";
  const byCode = disabled && standing.disabledBy === "code";
  return [
    standing.generation,
    disabled ? (byCode ? 1 : 2) : 0,
    standing.cooldownUntil,
    standing.protectedUntil,
    disabled ? -standing.disabledAt : 0,
    byCode ? -standing.disabledCode : 0,
  ];
}

/** Positive when `a` outranks `b`, negative when `b` outranks `a`, 0 when they are the same standing. */
export function compareStandings(a: Standing, b: Standing): number {
  if (a === b) return 0;
  const left = rankOf(a);
  const right = rankOf(b);
  for (let i = 0; i < left.length; i++) {
    const difference = (left[i] as number) - (right[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether both are the same standing, in every part. */
export function sameStanding(a: Standing, b: Standing): boolean {
  return compareStandings(a, b) === 0;
}

/**
 * The higher of two standings that are known of one key. Commutative, associative and idempotent, so that
 * instances agree in any order of learning.
 */
export function merge(a: Standing, b: Standing): Standing {
  return compareStandings(a, b) >= 0 ? a : b;
}
