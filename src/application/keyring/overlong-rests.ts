import { type Clock, type Key, type KeyId, type Log, SERVICES, shortenRest } from "../../domain/index.ts";
import type { KnownKeys } from "./known-keys.ts";
import type { StandingChanges } from "./standing-changes.ts";

interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly known: KnownKeys;
  readonly standings: StandingChanges;
}

/** Log rows of one query. */
const PAGE = 1_000;

/**
 * Cuts rests that a wrong clock has made too long. A rest that the log dates into the future was given by a
 * clock that was ahead: it begins now, with its own length.
 */
export class OverlongRests {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `cooldownMs` is the length of a cooldown given now; only where rests end later is the log asked. */
  async cut(cooldownMs: number): Promise<number> {
    const { clock, known, standings } = this.#parts;
    const latest = clock.now() + cooldownMs;
    const suspects = Array.from(known.all()).filter(
      (key) => isResting(key) && key.standing.cooldownUntil > latest,
    );
    if (suspects.length === 0) return 0;
    const begunAt = await this.#begunInTheFuture();
    let cut = 0;
    for (const key of suspects) {
      const at = begunAt.get(key.id);
      if (at === undefined) continue;
      const lengthMs = key.standing.cooldownUntil - at;
      const shorten = (standing: Key["standing"], now: number) => shortenRest(standing, now + lengthMs);
      if (await standings.permitIfUnchanged(key, shorten, null)) cut++;
    }
    return cut;
  }

  /** When the last cooldown of a key began, of the keys for which that is still to come. */
  async #begunInTheFuture(): Promise<ReadonlyMap<KeyId, number>> {
    const { clock, log } = this.#parts;
    const begunAt = new Map<KeyId, number>();
    const query = {
      services: SERVICES,
      action: "cooldown_start",
      from: clock.now() + 1,
      limit: PAGE,
    } as const;
    for (let offset = 0; ; offset += PAGE) {
      const { entries } = await log.list({ ...query, offset });
      for (const { keyId, at } of entries) {
        // The newest come first.
        if (keyId !== null && !begunAt.has(keyId)) begunAt.set(keyId, at);
      }
      if (entries.length < PAGE) return begunAt;
    }
  }
}

/** Enabling a disabled key ends its rest anyway. */
function isResting({ standing }: Key): boolean {
  return standing.status === "enabled";
}
