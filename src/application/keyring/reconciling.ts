import {
  type Clock,
  compareStandings,
  type Key,
  type KeyId,
  keyLogDraft,
  type Seat,
  type Standing,
  SYSTEM_ASKER,
  sameStanding,
  statusAt,
} from "../../domain/index.ts";
import { type CatchingUp, differs } from "./catching-up.ts";
import { type Copies, memberOf } from "./copies.ts";
import type { StandingChanges } from "./standing-changes.ts";

/** One run looks after the seats of one in so many unrestricted keys; restricted ones get it every time. */
const SHARES = 12;

const FORSAKEN = "held by the shared store; who decided it has not written it";

interface Parts {
  readonly copies: Copies;
  readonly catchingUp: CatchingUp;
  readonly standings: StandingChanges;
  readonly clock: Clock;
}

/** What a run has found that the next one acts on, should it still be so. */
interface Findings {
  readonly unseated: Set<KeyId>;
  readonly unwritten: Map<KeyId, Standing>;
}

/** Brings this process and the shared store in line with the database, whatever news was lost or forged. */
export class Reconciling {
  readonly #copies: Copies;
  readonly #catchingUp: CatchingUp;
  readonly #standings: StandingChanges;
  readonly #clock: Clock;
  #runs = 0;
  /** The keys that the last run found in no queue, though another instance may be at work on them. */
  #unseated: ReadonlySet<KeyId> = new Set();
  /** What the last run found in the store and not in the database, though another instance may be writing it. */
  #unwritten: ReadonlyMap<KeyId, Standing> = new Map();

  constructor({ copies, catchingUp, standings, clock }: Parts) {
    this.#copies = copies;
    this.#catchingUp = catchingUp;
    this.#standings = standings;
    this.#clock = clock;
  }

  async run(): Promise<void> {
    const { known, repository, writes } = this.#copies;
    const unseen = new Set<KeyId>(Array.from(known.all(), ({ id }) => id));
    const findings: Findings = { unseated: new Set(), unwritten: new Map() };
    for await (const rows of repository.load()) {
      for (const row of rows) {
        unseen.delete(row.id);
        if (writes.isBusy(row.id)) continue;
        const key = known.get(row.id);
        if (!key) await this.#catchingUp.adopt(row);
        else if (differs(key, row)) await this.#catchingUp.catchUp(key);
      }
      await this.#lookAfter(this.#seatsToLookAfter(rows), findings);
    }
    const { unseated, unwritten } = findings;
    // Without a seat in two runs: the instance that should have seated it has died.
    for (const id of unseated) {
      const key = this.#unseated.has(id) ? known.get(id) : undefined;
      if (key && !writes.isBusy(id)) await this.#catchingUp.seat(key);
    }
    this.#unseated = unseated;
    for (const [id, held] of unwritten) await this.#writeForsaken(id, held);
    this.#unwritten = unwritten;
    // Not seen in the database: removed by another instance, unless it was added during this run.
    for (const id of unseen) {
      const key = known.get(id);
      if (key) await this.#catchingUp.catchUp(key);
    }
    this.#runs++;
  }

  async #lookAfter(seats: readonly Seat[], { unseated, unwritten }: Findings): Promise<void> {
    const held = await this.#copies.store.follow(seats);
    const at = this.#clock.now();
    for (const [index, { member, standing }] of seats.entries()) {
      const now = held[index];
      if (now?.status === "missing" || (now?.status === "held" && now.hasLeft)) unseated.add(member.id);
      if (now?.status !== "held") continue;
      if (now.standing.generation > standing.generation) {
        const key = this.#copies.known.get(member.id);
        if (key) await this.#catchingUp.confirmGeneration(key, now.standing);
      } else if (!now.hasLeft && restricts(now.standing, standing, at)) {
        unwritten.set(member.id, now.standing);
      }
    }
  }

  /**
   * What restricts a key in the store in two runs, and is not in the database: the instance that should have written it
   * has died. It stays in force, for a person may have asked for it, and becomes durable, so that everybody can see it.
   */
  async #writeForsaken(id: KeyId, held: Standing): Promise<void> {
    const { known, writes } = this.#copies;
    const before = this.#unwritten.get(id);
    const key = known.get(id);
    if (!before || !sameStanding(before, held) || !key || writes.isBusy(id)) return;
    const isDisabled = held.status === "disabled";
    const entry = keyLogDraft(key, isDisabled ? "disable_key" : "cooldown_start", {
      at: this.#clock.now(),
      actor: SYSTEM_ASKER.actor.id,
      note: FORSAKEN,
      ...(isDisabled && held.disabledBy === "code" && { statusCode: held.disabledCode }),
    });
    await this.#standings.writeHeld(key, held, entry);
  }

  #seatsToLookAfter(rows: readonly Key[]): Seat[] {
    const { known, writes } = this.#copies;
    const now = this.#clock.now();
    return rows.flatMap((row) => {
      const isRestricted = statusAt(row.standing, now) !== "enabled";
      const isDoubtful = this.#unseated.has(row.id) || this.#unwritten.has(row.id);
      const isDue = isRestricted || isDoubtful || row.id % SHARES === this.#runs % SHARES;
      if (!isDue) return [];
      const key = known.get(row.id);
      // A key that is being moved or removed is out of its queues and must stay out.
      return key && !writes.isBusy(row.id) ? [{ member: memberOf(key), standing: row.standing }] : [];
    });
  }
}

/** Whether it keeps a key away at this instant that the durable standing would not, or not in this way. */
function restricts(held: Standing, durable: Standing, at: number): boolean {
  return compareStandings(held, durable) > 0 && statusAt(held, at) !== "enabled";
}
