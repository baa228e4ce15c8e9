import type { Standing } from "./standing.ts";

/**
 * Ends a rest at `until` instead of later, protection with its fixed length behind it. Like enabling it raises
 * the generation, because a merge would keep the later deadline.
 */
export function shortenRest(standing: Standing, until: number): Standing {
  if (standing.cooldownUntil <= until) return standing;
  return {
    ...standing,
    cooldownUntil: until,
    protectedUntil: until + (standing.protectedUntil - standing.cooldownUntil),
    generation: standing.generation + 1,
  };
}
