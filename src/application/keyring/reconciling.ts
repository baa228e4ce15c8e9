import { type Clock, type Key, type KeyId, type Seat, statusAt } from "../../domain/index.ts";
import { type CatchingUp, differs } from "./catching-up.ts";
import { type Copies, memberOf } from "./copies.ts";
import type { StandingChanges } from "./standing-changes.ts";
import { UnwrittenRestrictions } from "./unwritten-restrictions.ts";

/** One run looks after the seats of one in so many unrestricted keys; restricted ones get it every time. */
const SHARES = 12;

interface Parts {
  readonly copies: Copies;
  readonly catchingUp: CatchingUp;
  readonly standings: StandingChanges;
  readonly clock: Clock;
}

/** Brings this process and the shared store in line with the database, whatever news was lost or forged. */
export class Reconciling {
  readonly #copies: Copies;
  readonly #catchingUp: CatchingUp;
  readonly #unwritten: UnwrittenRestrictions;
  readonly #clock: Clock;
  #runs = 0;
  /** The keys that the last run found in no queue, though another instance may be at work on them. */
  #unseated: ReadonlySet<KeyId> = new Set();

  constructor({ copies, catchingUp, standings, clock }: Parts) {
    this.#copies = copies;
    this.#catchingUp = catchingUp;
    this.#unwritten = new UnwrittenRestrictions({ copies, standings, clock });
    this.#clock = clock;
  }

  async run(): Promise<void> {
    const { known, repository, writes } = this.#copies;
    const unseen = new Set<KeyId>(Array.from(known.all(), ({ id }) => id));
    const unseated = new Set<KeyId>();
    for await (const rows of repository.load()) {
      for (const row of rows) {
        unseen.delete(row.id);
        if (writes.isBusy(row.id)) continue;
        const key = known.get(row.id);
        if (!key) await this.#catchingUp.adopt(row);
        else if (differs(key, row)) await this.#catchingUp.catchUp(key);
      }
      await this.#lookAfter(this.#seatsToLookAfter(rows), unseated);
    }
    // Without a seat in two runs: the instance that should have seated it has died.
    for (const id of unseated) {
      const key = this.#unseated.has(id) ? known.get(id) : undefined;
      if (key && !writes.isBusy(id)) await this.#catchingUp.seat(key);
    }
    this.#unseated = unseated;
    await this.#unwritten.write();
    // Not seen in the database: removed by another instance, unless it was added during this run.
    for (const id of unseen) {
      const key = known.get(id);
      if (key) await this.#catchingUp.catchUp(key);
    }
    this.#runs++;
  }

  async #lookAfter(seats: readonly Seat[], unseated: Set<KeyId>): Promise<void> {
    const held = await this.#copies.store.follow(seats);
    for (const [index, { member, standing }] of seats.entries()) {
      const now = held[index];
      if (now?.status === "missing" || (now?.status === "held" && now.hasLeft)) unseated.add(member.id);
      if (now?.status !== "held") continue;
      if (now.standing.generation > standing.generation) {
        const key = this.#copies.known.get(member.id);
        if (key) await this.#catchingUp.confirmGeneration(key, now.standing);
      } else if (!now.hasLeft) this.#unwritten.look(member.id, now.standing, standing);
    }
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
