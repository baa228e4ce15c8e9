import {
  type Clock,
  DomainError,
  type Key,
  type KeyId,
  keyLogDraft,
  type Log,
  type LogEntry,
  SERVICES,
  type Service,
  STEP_MS,
  type Standing,
  SYSTEM_ASKER,
  shortenRest,
} from "../../domain/index.ts";
import type { KnownKeys } from "./known-keys.ts";
import type { StandingChanges } from "./standing-changes.ts";

interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly known: KnownKeys;
  readonly standings: StandingChanges;
}

const PAGE = 500;

/**
 * Cuts rests that a wrong clock has made too long. A rest that the log dates into the future was given by a
 * clock that was ahead: it begins now, with its own length, and the log says so, lest it be cut again.
 */
export class OverlongRests {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * `cooldownMs` is the length of a cooldown given now; only rests that end later are looked into. Those that a
   * `Retry-After` has made longer are among them, and stay as they are: the log says that they have begun.
   */
  async cut(cooldownMs: number): Promise<number> {
    const suspects = this.#suspects(cooldownMs);
    if (suspects.size === 0) return 0;
    const begun = await this.#beginnings(suspects);
    let cut = 0;
    // Where instances share a clock, each knows it to less than a step.
    for (const [id, key] of suspects) {
      const row = begun.get(id);
      if (row && row.at > this.#parts.clock.now() + STEP_MS && (await this.#beginNow(key, row))) cut++;
    }
    return cut;
  }

  #suspects(cooldownMs: number): ReadonlyMap<KeyId, Key> {
    const { clock, known } = this.#parts;
    const latest = clock.now() + cooldownMs + STEP_MS;
    const suspects = new Map<KeyId, Key>();
    for (const key of known.all()) {
      const { status, cooldownUntil } = key.standing;
      // Enabling a disabled key ends its rest anyway.
      if (cooldownUntil > latest && status === "enabled") suspects.set(key.id, key);
    }
    return suspects;
  }

  /**
   * The rows with which the last rests began, as far back as there are rows from the future or written after
   * one of these: as a rule that is one look into the log for each service, however many keys rest. What it has not is no worry:
   * a row that has been pruned was old.
   */
  async #beginnings(suspects: ReadonlyMap<KeyId, Key>): Promise<ReadonlyMap<KeyId, LogEntry>> {
    const last = new Map<KeyId, LogEntry>();
    for (const service of SERVICES) {
      const ofService = [...suspects.values()].some((key) => key.service === service);
      if (ofService) await this.#readBeginnings(service, suspects, last);
    }
    return last;
  }

  async #readBeginnings(
    service: Service,
    suspects: ReadonlyMap<KeyId, Key>,
    last: Map<KeyId, LogEntry>,
  ): Promise<void> {
    const { clock, log } = this.#parts;
    const now = clock.now();
    const query = { services: [service], action: "cooldown_start", limit: PAGE } as const;
    let firstAhead = Number.POSITIVE_INFINITY;
    for (let offset = 0; ; offset += PAGE) {
      const { entries } = await log.list({ ...query, offset });
      for (const entry of entries) {
        const { id, keyId, at } = entry;
        if (at > now) firstAhead = Math.min(firstAhead, id);
        if (keyId === null || !suspects.has(keyId)) continue;
        // By the order of writing, for what was written later may be dated earlier.
        if ((last.get(keyId)?.id ?? 0) < id) last.set(keyId, entry);
      }
      const isOver = entries.every(({ id, at }) => at <= now && id < firstAhead);
      if (isOver || entries.length < PAGE) return;
    }
  }

  async #beginNow(key: Key, { at: begunAt, statusCode, note }: LogEntry): Promise<boolean> {
    const lengthMs = key.standing.cooldownUntil - begunAt;
    const shorten = (standing: Standing, at: number) => shortenRest(standing, at + lengthMs);
    const details = {
      actor: SYSTEM_ASKER.actor.id,
      note,
      ...(statusCode !== null && { statusCode }),
    } as const;
    try {
      return await this.#parts.standings.permitIfUnchanged(key, shorten, (at) =>
        keyLogDraft(key, "cooldown_start", { ...details, at }),
      );
    } catch (error) {
      if (error instanceof DomainError && error.code === "key_not_found") return false;
      throw error;
    }
  }
}
