/**
 * How often a key has been given another region, tag or limit. Several processes may place one key at once, and what
 * they tell a store may arrive in another order than it was decided in; of two placements the higher is right.
 */
export type Placement = number;

/** The placement of a key that has been removed: none is newer. */
export const REMOVED: Placement = Number.MAX_SAFE_INTEGER;

/**
 * How long a placement overtakes older ones, in milliseconds: far longer than what was sent before it can be
 * under way. After that an older one counts again, for a database may have been restored from a backup.
 */
export const OVERTAKING_MS = 60_000;

/** Whether a place came too late, because a newer one had been given at `newestAt` (epoch milliseconds). */
export function isOvertaken(placement: Placement, newest: Placement, newestAt: number, now: number): boolean {
  return placement < newest && now - newestAt < OVERTAKING_MS;
}
