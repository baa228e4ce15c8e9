import type { PlaceCount } from "../../application/index.ts";
import { placeName } from "../../domain/index.ts";

export type PoolLevel = "well" | "low" | "empty";

/** A pool that came to another level, and is to be told of. */
export interface LevelChange {
  readonly level: PoolLevel;
  readonly place: PlaceCount;
}

interface Seen {
  readonly level: PoolLevel;
  /** Undefined while nothing was told of the pool. */
  readonly toldAt: number | undefined;
}

const RANKS: Readonly<Record<PoolLevel, number>> = { well: 0, low: 1, empty: 2 };

/**
 * Finds out which pools have come to another level. What is worse is told at once, what is better only when nothing
 * was told for a while, so that a pool whose keys rest and come back by turns is told of seldom.
 */
export class PoolLevels {
  readonly #lowAt: number;
  readonly #quietMs: number;
  readonly #seen = new Map<string, Seen>();

  constructor({ lowAt, quietMs }: { readonly lowAt: number; readonly quietMs: number }) {
    this.#lowAt = lowAt;
    this.#quietMs = quietMs;
  }

  /** A pool is low from its first key on, so that it is told of only once it was more, or when it is empty. */
  changes(places: readonly PlaceCount[], now: number): readonly LevelChange[] {
    const names = new Set(places.map(placeName));
    for (const name of this.#seen.keys()) if (!names.has(name)) this.#seen.delete(name);
    return places.flatMap((place) => {
      const level = this.#levelOf(place);
      const seen = this.#seen.get(placeName(place));
      if (seen?.level === level) return [];
      const isWorse = level === "empty" || (seen !== undefined && RANKS[level] > RANKS[seen.level]);
      const toldAt = seen?.toldAt;
      if (isWorse || (toldAt !== undefined && now - toldAt >= this.#quietMs)) {
        this.#seen.set(placeName(place), { level, toldAt: now });
        return [{ level, place }];
      }
      // What is better waits for its time; nobody waits for it where nothing was told.
      if (toldAt === undefined) this.#seen.set(placeName(place), { level, toldAt });
      return [];
    });
  }

  #levelOf({ counts: { enabled } }: PlaceCount): PoolLevel {
    if (enabled === 0) return "empty";
    return enabled <= this.#lowAt ? "low" : "well";
  }
}
