import { type Clock, type Key, type Log, shortenRest } from "../../domain/index.ts";
import type { KnownKeys } from "./known-keys.ts";
import type { StandingChanges } from "./standing-changes.ts";

interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly known: KnownKeys;
  readonly standings: StandingChanges;
}

/**
 * Cuts rests that a wrong clock has made too long. A rest that the log dates into the future was given by a
 * clock that was ahead: it begins now, with its own length.
 */
export class OverlongRests {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `cooldownMs` is the length of a cooldown given now; only rests that end later are looked into. */
  async cut(cooldownMs: number): Promise<number> {
    const { clock, known, standings } = this.#parts;
    const latest = clock.now() + cooldownMs;
    const suspects = Array.from(known.all()).filter(({ standing }) => standing.cooldownUntil > latest);
    let cut = 0;
    for (const key of suspects) {
      const { status, cooldownUntil } = key.standing;
      // Enabling a disabled key ends its rest anyway.
      if (status === "disabled") continue;
      const begunAt = await this.#beginOfRest(key);
      if (begunAt === undefined || begunAt <= clock.now()) continue;
      const lengthMs = cooldownUntil - begunAt;
      const shorten = (standing: Key["standing"], at: number) => shortenRest(standing, at + lengthMs);
      if (await standings.permitIfUnchanged(key, shorten, null)) cut++;
    }
    return cut;
  }

  /** Undefined when the row has been pruned, which is done to rows that are old. */
  async #beginOfRest({ id, service }: Key): Promise<number | undefined> {
    const { entries } = await this.#parts.log.list({
      services: [service],
      keyId: id,
      action: "cooldown_start",
      offset: 0,
      limit: 1,
    });
    return entries[0]?.at;
  }
}
