import {
  type Clock,
  compareStandings,
  DomainError,
  type Key,
  type KeyId,
  type KeyLogDraft,
  keyLogDraft,
  type Standing,
  SYSTEM_ASKER,
  sameStanding,
  statusAt,
} from "../../domain/index.ts";
import type { Copies } from "./copies.ts";
import type { StandingChanges } from "./standing-changes.ts";

interface Parts {
  readonly copies: Copies;
  readonly standings: StandingChanges;
  readonly clock: Clock;
}

interface Unwritten {
  readonly held: Standing;
  readonly durable: Standing;
  readonly since: number;
}

/** An instance that lives has written by then, or cannot, and its row comes later. */
const PATIENCE_MS = 30_000;
/** Writes that wait for their commits together. */
const PORTION = 500;

const NOTE = "held by the shared store, and not written by who decided it";

/**
 * What restricts a key in the store and is not in the database: the instance that should have written it has died. It
 * stays in force, for a person may have asked for it, and becomes durable, so that everybody can see it.
 */
export class UnwrittenRestrictions {
  readonly #copies: Copies;
  readonly #standings: StandingChanges;
  readonly #clock: Clock;
  #last: ReadonlyMap<KeyId, Unwritten> = new Map();
  #found = new Map<KeyId, Unwritten>();

  constructor({ copies, standings, clock }: Parts) {
    this.#copies = copies;
    this.#standings = standings;
    this.#clock = clock;
  }

  /** Whether the last run has seen one. */
  has(id: KeyId): boolean {
    return this.#last.has(id);
  }

  /** Looks at what the store holds of a key whose standing in the database is `durable`. */
  look(id: KeyId, held: Standing, durable: Standing): void {
    const now = this.#clock.now();
    if (compareStandings(held, durable) <= 0 || statusAt(held, now) === "enabled") return;
    const before = this.#last.get(id);
    const since = before && sameStanding(before.held, held) ? before.since : now;
    this.#found.set(id, { held, durable, since });
  }

  /** Writes those that have long been so; the end of a run. */
  async write(): Promise<void> {
    const found = [...this.#found];
    this.#last = this.#found;
    this.#found = new Map();
    const latest = this.#clock.now() - PATIENCE_MS;
    const due = found.filter(([, { since }]) => since <= latest);
    for (let start = 0; start < due.length; start += PORTION) {
      const portion = due.slice(start, start + PORTION);
      await Promise.all(portion.map(([id, unwritten]) => this.#write(id, unwritten)));
    }
  }

  async #write(id: KeyId, { held, durable }: Unwritten): Promise<void> {
    const { known, writes } = this.#copies;
    const key = known.get(id);
    if (!key || writes.isBusy(id)) return;
    try {
      await this.#standings.writeHeld(key, held, this.#entryOf(key, held), durable);
    } catch (error) {
      // Removed meanwhile.
      if (!(error instanceof DomainError && error.code === "key_not_found")) throw error;
    }
  }

  #entryOf(key: Key, held: Standing): KeyLogDraft {
    const isDisabled = held.status === "disabled";
    return keyLogDraft(key, isDisabled ? "disable_key" : "cooldown_start", {
      at: this.#clock.now(),
      actor: SYSTEM_ASKER.actor.id,
      note: NOTE,
      ...(isDisabled && held.disabledBy === "code" && { statusCode: held.disabledCode }),
    });
  }
}
