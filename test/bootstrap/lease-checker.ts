import type { Span } from "./storm-history.ts";

/** A lease for the time in which its key was surely in use by it. Instants are of one clock, in milliseconds. */
export interface Hold extends Span {
  readonly keyId: number;
  /** Who gave it, or renewed it last. */
  readonly instance: number;
  readonly askedAt: number;
}

export interface LeaseHistory {
  readonly holds: readonly Hold[];
  readonly limits: ReadonlyMap<number, number>;
  /** While instances are without Redis, each counts the leases that it gives. */
  readonly apart: readonly Span[];
  /** When Redis lost its leases. What an instance gave that is dead by then, or soon after, counts no longer. */
  readonly emptied: readonly Span[];
  readonly goneAt: ReadonlyMap<number, number>;
}

/** By then each instance that lives has brought back what it gave. */
export const RESTORED_MS = 5_000;

/** Finds where a lease was given of a key that had no room. What might have been right passes. */
export function findOverLimit(history: LeaseHistory): string[] {
  const byKey = Map.groupBy(history.holds, ({ keyId }) => keyId);
  return [...byKey].flatMap(([keyId, holds]) => {
    const limit = history.limits.get(keyId) ?? 0;
    const counted = holds.map((hold) => asCounted(hold, history));
    return counted.flatMap((hold) => {
      const isApart = history.apart.some(({ from, until }) => hold.askedAt < until && hold.from > from);
      const inUse = counted.filter(
        (other) =>
          other.from <= hold.from &&
          hold.from < other.until &&
          (!isApart || other.instance === hold.instance),
      );
      if (inUse.length <= limit) return [];
      const at = Math.round(hold.from);
      return [`${inUse.length} of key ${keyId} in use at ${at}, where ${limit} may be`];
    });
  });
}

function asCounted(hold: Hold, { emptied, goneAt }: LeaseHistory): Hold {
  const gone = goneAt.get(hold.instance);
  if (gone === undefined) return hold;
  const losses = emptied.filter(({ until }) => until > hold.askedAt && gone < until + RESTORED_MS);
  return { ...hold, until: Math.min(hold.until, ...losses.map(({ from }) => from)) };
}
