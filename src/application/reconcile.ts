import {
  type Clock,
  type CooldownStore,
  type Key,
  type KeyId,
  type KeyRepository,
  phase,
  type Seat,
  sameStanding,
} from "../domain/index.ts";
import type { KeyLookup } from "./key-lookup.ts";
import type { KeyWrites } from "./key-writes.ts";
import type { LoadSettings } from "./load-settings.ts";
import { memberOf, type Roster } from "./roster.ts";

/** One run looks after the seats of one in so many unrestricted keys; restricted ones get it every time. */
const SHARES = 12;

/**
 * Brings this process and the shared store in line with the database, whatever news was lost and whatever the
 * store forgot. Run it about every five seconds where several instances share a database.
 */
export class Reconcile {
  readonly #clock: Clock;
  readonly #repository: KeyRepository;
  readonly #store: CooldownStore;
  readonly #roster: Roster;
  readonly #lookup: KeyLookup;
  readonly #writes: KeyWrites;
  readonly #loadSettings: LoadSettings;
  #runs = 0;
  #missing: ReadonlySet<KeyId> = new Set();

  constructor(
    clock: Clock,
    repository: KeyRepository,
    store: CooldownStore,
    roster: Roster,
    lookup: KeyLookup,
    writes: KeyWrites,
    loadSettings: LoadSettings,
  ) {
    this.#clock = clock;
    this.#repository = repository;
    this.#store = store;
    this.#roster = roster;
    this.#lookup = lookup;
    this.#writes = writes;
    this.#loadSettings = loadSettings;
  }

  async execute(): Promise<void> {
    await this.#loadSettings.execute();
    const known = new Set<KeyId>(this.#roster.ids());
    const missing = new Set<KeyId>();
    for await (const rows of this.#repository.load()) {
      for (const row of rows) {
        known.delete(row.id);
        if (this.#writes.busy(row.id)) continue;
        const key = this.#roster.get(row.id);
        if (!key) await this.#lookup.adopt(row);
        else if (differs(key, row)) await this.#lookup.catchUp(key);
      }
      const seats = this.#seatsToLookAfter(rows);
      const held = await this.#store.follow(seats);
      for (const [i, { member }] of seats.entries()) if (held[i]?.status !== "held") missing.add(member.id);
    }
    // Missing twice is not on its way: whoever was to seat it has stopped before that.
    for (const id of missing) {
      const key = this.#missing.has(id) ? this.#roster.get(id) : undefined;
      if (key && !this.#writes.busy(id)) await this.#lookup.refresh(key, true);
    }
    this.#missing = missing;
    // Not seen in the database: removed by somebody else, unless it was added while we were reading.
    for (const id of known) {
      const key = this.#roster.get(id);
      if (key) await this.#lookup.catchUp(key);
    }
    this.#runs++;
  }

  #seatsToLookAfter(rows: readonly Key[]): Seat[] {
    const now = this.#clock.now();
    return rows.flatMap((row) => {
      const restricted = phase(row.standing, now) === "disabled" || now < row.standing.cooldownUntil;
      const due = restricted || this.#missing.has(row.id) || row.id % SHARES === this.#runs % SHARES;
      if (!due) return [];
      const key = this.#roster.get(row.id);
      // A key that is being moved or deleted is out of its queues and must stay out.
      return key && !this.#writes.busy(row.id) ? [{ member: memberOf(key), standing: row.standing }] : [];
    });
  }
}

function differs(key: Key, row: Key): boolean {
  return (
    key.region !== row.region ||
    key.name !== row.name ||
    key.tag !== row.tag ||
    !sameStanding(key.standing, row.standing)
  );
}
