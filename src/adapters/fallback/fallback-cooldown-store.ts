import {
  type Arrival,
  type CooldownStore,
  compareStandings,
  type Dropped,
  type HealthIndicator,
  type Held,
  type Keeping,
  type KeyId,
  type Lease,
  type LeaseDraft,
  type LeaseId,
  type LeaseList,
  type LeaseStore,
  type LeaseTurn,
  type Member,
  merge,
  type PartHealth,
  type Pool,
  REMOVED,
  type Release,
  type Renewal,
  type RotationStrategy,
  type Seat,
  type Standing,
  sameStanding,
  type Turn,
  type WholePool,
} from "../../domain/index.ts";
import { Patience } from "./patience.ts";
import type { SharedClock } from "./shared-clock.ts";
import { sideBySide } from "./side-by-side.ts";

export interface FallbackOptions {
  /** How long the shared store may take for one answer before this process goes on alone. Default: 2000 ms. */
  readonly patienceMs?: number;
  /** Is compared with each instant that the shared store answers. Default: none is. */
  readonly clock?: Pick<SharedClock, "ask">;
  /** Is called when this process begins to go on alone, and why. Default: nothing. */
  readonly onDegraded?: (error: unknown) => void;
  /** Is called when this process is with the shared store again. Default: nothing. */
  readonly onRecovered?: () => void;
}

/** A store that instances share. */
export interface SharedCooldownStore extends CooldownStore, LeaseStore {
  /** `onPiece` may be called when a piece of a longer work is done: patience is for each by itself. */
  lease(
    pool: Pool,
    rotation: RotationStrategy,
    draft: LeaseDraft,
    seen?: LeaseList,
    onPiece?: () => void,
  ): Promise<LeaseTurn>;
}

/** A store in this process that holds all pools, and can tell which keys it holds. */
export interface LocalCooldownStore extends CooldownStore, LeaseStore {
  members(): Iterable<Member>;
  /** As `put`, and a key that was held in another pool takes its leases along, in the same step. */
  move(arrivals: readonly Arrival[]): Promise<void>;
}

const DEFAULTS: Required<FallbackOptions> = {
  patienceMs: 2000,
  clock: { ask: () => () => {} },
  onDegraded: () => {},
  onRecovered: () => {},
};

/** Seats of one call while recovering. */
const CHUNK = 500;

interface Change {
  readonly member: Member;
  /** Whether this process gave the key its place, and not only another standing. */
  readonly seated: boolean;
}

/**
 * A shared store and a local one that mirrors what this process knows. While the shared one fails, this
 * process goes on alone from its last known state; when it is back, standings are merged into it. Each store has a
 * list of leases of its own; a caller that finds the other list restores its leases there.
 */
export class FallbackCooldownStore implements CooldownStore, LeaseStore, HealthIndicator {
  readonly part = "cooldown_store";
  readonly essential = false;
  readonly #shared: SharedCooldownStore;
  readonly #local: LocalCooldownStore;
  readonly #options: Required<FallbackOptions>;
  #fault: unknown;
  /** What has changed since this process goes on alone and is not in the shared store yet. */
  readonly #changed = new Map<KeyId, Change>();
  /**
   * What this process has replaced in the shared store, until it is put or followed as durable. A store that
   * was emptied and filled again meanwhile lacks it.
   */
  readonly #replaced = new Map<KeyId, Standing>();
  /** Which leases keys had in the shared store when they were last dropped there, until they are carried off; the local one does not know them. */
  readonly #dropped = new Map<KeyId, Set<LeaseId>>();

  constructor(shared: SharedCooldownStore, local: LocalCooldownStore, options: FallbackOptions = {}) {
    this.#shared = shared;
    this.#local = local;
    this.#options = { ...DEFAULTS, ...options };
  }

  get degraded(): boolean {
    return this.#fault !== undefined;
  }

  async check(): Promise<PartHealth> {
    if (!this.degraded) return { status: "up" };
    return { status: "degraded", reason: "the shared store does not answer, this process goes on alone" };
  }

  async take(pool: Pool, rotation: RotationStrategy): Promise<Turn> {
    return this.#either(
      async (shared) => {
        const agree = this.#options.clock.ask();
        const turn = await shared.take(pool, rotation);
        if (turn.status !== "unloaded") agree(turn.at);
        return turn;
      },
      (local) => local.take(pool, rotation),
    );
  }

  async read(member: Member): Promise<Held> {
    return this.#either(
      async (shared) => {
        const agree = this.#options.clock.ask();
        const held = await shared.read(member);
        if (held.status !== "held") return held;
        agree(held.at);
        const reminded = await this.#remind(member, held);
        if (reminded.status === "held") await this.#mirror(member, reminded.standing);
        return reminded;
      },
      (local) => local.read(member),
    );
  }

  async replace(member: Member, expected: Standing, next: Standing): Promise<boolean> {
    return this.#either(
      async (shared) => {
        if (!(await shared.replace(member, expected, next))) return false;
        this.#replaced.set(member.id, next);
        await this.#mirror(member, next);
        return true;
      },
      (local) => {
        // In one step with the change, or this process might be with the shared store again in between.
        this.#note(member, false);
        return local.replace(member, expected, next);
      },
    );
  }

  async put(arrivals: readonly Arrival[]): Promise<void> {
    this.#forgetDurable(arrivals);
    await this.#putHere(arrivals);
    await this.#either(
      (shared) => shared.put(arrivals),
      async () => {
        for (const { member } of arrivals) this.#note(member, true);
      },
    );
  }

  /** While this process is alone, seats what it does not hold: it learns of new keys in no other way. */
  async follow(seats: readonly Seat[]): Promise<readonly Held[]> {
    this.#forgetDurable(seats);
    await this.#putHere(seats);
    return this.#either(
      async (shared) => {
        const agree = this.#options.clock.ask();
        const answers = await shared.follow(seats);
        const held = answers.find(({ status }) => status === "held");
        if (held?.status === "held") agree(held.at);
        return answers;
      },
      (local) => local.follow(seats),
    );
  }

  async leave(member: Member, from: "all" | "tag" = "all"): Promise<void> {
    await this.#local.leave(member, from);
    await this.#sharedOnly((shared) => shared.leave(member, from));
  }

  async drop(member: Member): Promise<Dropped> {
    this.#changed.delete(member.id);
    this.#replaced.delete(member.id);
    const local = await this.#local.drop(member);
    const shared = await this.#sharedOnly((shared) => shared.drop(member));
    // Of a key that is removed none is carried off.
    if (shared && shared.leases.length > 0 && member.placement !== REMOVED)
      this.#dropped.set(member.id, new Set(shared.leases.map(({ id }) => id)));
    else this.#dropped.delete(member.id);
    if (!shared) return local;
    if (!local.standing || !shared.standing)
      return { ...shared, standing: shared.standing ?? local.standing };
    return { ...shared, standing: merge(local.standing, shared.standing) };
  }

  /** Both stores are filled from one reading; when the shared one fails, at least the local one is. */
  async load(pool: WholePool, read: () => AsyncIterable<readonly Seat[]>): Promise<void> {
    let local: Promise<void> | undefined;
    if (!this.degraded) {
      const readBoth = () => {
        const { first, second, leaveSecond } = sideBySide(read());
        local = this.#local.load(pool, () => first);
        // It is awaited below; until then a fault is not unhandled.
        local.catch(() => {});
        return { seats: second, leave: leaveSecond };
      };
      await this.#loadShared(pool, readBoth);
    }
    await (local ?? this.#local.load(pool, read));
  }

  async lease(
    pool: Pool,
    rotation: RotationStrategy,
    draft: LeaseDraft,
    seen?: LeaseList,
  ): Promise<LeaseTurn> {
    return this.#either(
      async (shared, onPiece) => {
        let agree = this.#options.clock.ask();
        const turn = await shared.lease(pool, rotation, draft, seen, () => {
          onPiece();
          agree = this.#options.clock.ask();
        });
        if ("at" in turn) agree(turn.at);
        return turn;
      },
      (local) => local.lease(pool, rotation, draft, seen),
    );
  }

  async renew(member: Member, draft: LeaseDraft, seen?: LeaseList): Promise<Renewal> {
    return this.#wherever((store) => store.renew(member, draft, seen));
  }

  async release(member: Member, id: LeaseId, seen?: LeaseList): Promise<Release> {
    return this.#wherever((store) => store.release(member, id, seen));
  }

  async restore(pool: WholePool, leases: readonly Lease[]): Promise<LeaseList> {
    return this.#wherever((store) => store.restore(pool, leases));
  }

  async carryOff(member: Member, id: LeaseId): Promise<boolean> {
    return this.#either(
      async (shared) => {
        const ran = await shared.carryOff(member, id);
        this.#forgetDropped(member, id);
        return ran;
      },
      // What ran in the shared store has not ended because that has failed since.
      async (local) => (await local.carryOff(member, id)) || this.#dropped.get(member.id)?.has(id) === true,
    );
  }

  async keep(pool: WholePool, leases: readonly Lease[], list: LeaseList): Promise<Keeping> {
    return this.#wherever((store) => store.keep(pool, leases, list));
  }

  async listOf(pool: WholePool): Promise<LeaseList | undefined> {
    return this.#wherever((store) => store.listOf(pool));
  }

  async countLeases(members: readonly Member[]): Promise<readonly number[]> {
    return this.#wherever((store) => store.countLeases(members));
  }

  /**
   * Tries to come back to the shared store: merges into it all that is known here, then what changed
   * meanwhile, and goes on with it. Answers whether this process is with the shared store now.
   */
  async recover(): Promise<boolean> {
    if (!this.degraded) return true;
    try {
      // Where keys belong others may know better by now; only what was put here meanwhile is put there.
      await this.#send([...this.#local.members()], (seats) => this.#shared.follow(seats));
      while (this.#changed.size > 0) await this.#sendChanges();
    } catch (error) {
      this.#fault = error;
      return false;
    }
    this.#fault = undefined;
    this.#options.onRecovered();
    return true;
  }

  /** The shared store has answered for the lease itself, and goes on doing so. */
  #forgetDropped({ id: keyId }: Member, id: LeaseId): void {
    const leases = this.#dropped.get(keyId);
    leases?.delete(id);
    if (leases?.size === 0) this.#dropped.delete(keyId);
  }

  /** Of the two stores one is in use for leases. The local one takes them along while this process is alone. */
  #putHere(arrivals: readonly Arrival[]): Promise<void> {
    if (this.degraded) return this.#local.move(arrivals);
    return this.#local.put(arrivals.map(({ leases, ...arrival }) => arrival));
  }

  async #sendChanges(): Promise<void> {
    const changes = [...this.#changed.values()];
    this.#changed.clear();
    const members = (seated: boolean) =>
      changes.filter((change) => change.seated === seated).map(({ member }) => member);
    try {
      await this.#send(members(true), (seats) => this.#shared.put(seats));
      await this.#send(members(false), (seats) => this.#shared.follow(seats));
    } catch (error) {
      for (const { member, seated } of changes) this.#note(member, seated);
      throw error;
    }
  }

  async #send(
    members: readonly Member[],
    send: (seats: readonly Arrival[]) => Promise<unknown>,
  ): Promise<void> {
    for (let start = 0; start < members.length; start += CHUNK) {
      const seats: Arrival[] = [];
      for (const member of members.slice(start, start + CHUNK)) {
        const held = await this.#local.read(member);
        if (held.status !== "held") continue;
        const { standing, hasLeft } = held;
        seats.push(hasLeft ? { member, standing, hasLeft } : { member, standing });
      }
      await this.#patiently(() => send(seats));
    }
  }

  /** For what both stores answer alike. */
  #wherever<T>(ask: (store: LeaseStore) => Promise<T>): Promise<T> {
    return this.#either(ask, ask);
  }

  async #either<T>(
    withShared: (shared: SharedCooldownStore, onPiece: () => void) => Promise<T>,
    alone: (local: LocalCooldownStore) => Promise<T>,
  ): Promise<T> {
    if (!this.degraded) {
      try {
        return await this.#patiently((onPiece) => withShared(this.#shared, onPiece));
      } catch (error) {
        this.#degrade(error);
      }
    }
    return alone(this.#local);
  }

  async #sharedOnly<T>(act: (shared: CooldownStore) => Promise<T>): Promise<T | undefined> {
    if (this.degraded) return undefined;
    try {
      return await this.#patiently(() => act(this.#shared));
    } catch (error) {
      this.#degrade(error);
      return undefined;
    }
  }

  /** Resolves when the shared store has loaded, or failed to; a fault of the reading is the local store's to throw. */
  async #loadShared(
    pool: WholePool,
    readBoth: () => { readonly seats: AsyncIterable<readonly Seat[]>; leave(): void },
  ): Promise<void> {
    let isReadingBroken = false;
    let leave = () => {};
    const loaded = Promise.withResolvers<void>();
    const patience = new Patience(this.#options.patienceMs, loaded.reject);
    const asKnown = (seats: readonly Seat[]) => this.#asKnown(seats);
    const read = async function* () {
      patience.pause();
      const both = readBoth();
      leave = both.leave;
      try {
        for await (const seats of both.seats) {
          const known = await asKnown(seats);
          patience.start();
          yield known;
          patience.pause();
        }
      } catch (error) {
        isReadingBroken = true;
        throw error;
      }
      patience.start();
    };
    patience.start();
    this.#shared.load(pool, read).then(loaded.resolve, loaded.reject);
    try {
      await loaded.promise;
    } catch (error) {
      if (!isReadingBroken) this.#degrade(error);
    } finally {
      patience.end();
      leave();
    }
  }

  #degrade(error: unknown): void {
    if (this.degraded) return;
    this.#fault = error ?? new Error("The shared store failed");
    this.#options.onDegraded(error);
  }

  /** While this process goes on alone, remembers what the shared store has to learn. */
  #note(member: Member, seated: boolean): void {
    const before = this.#changed.get(member.id);
    this.#changed.set(member.id, { member, seated: seated || before?.seated === true });
  }

  #forgetDurable(seats: readonly Seat[]): void {
    for (const { member, standing } of seats) {
      const replaced = this.#replaced.get(member.id);
      if (replaced && compareStandings(standing, replaced) >= 0) this.#replaced.delete(member.id);
    }
  }

  /** Gives the shared store back what this process had replaced in it and it has lost since. */
  async #remind(member: Member, held: Extract<Held, { status: "held" }>): Promise<Held> {
    const replaced = this.#replaced.get(member.id);
    if (!replaced) return held;
    const rank = compareStandings(replaced, held.standing);
    if (rank < 0) this.#replaced.delete(member.id);
    if (rank <= 0) return held;
    const [reminded] = await this.#shared.follow([{ member, standing: replaced }]);
    return reminded ?? held;
  }

  /** The local store holds what the shared one does, be it lower than before. */
  async #mirror(member: Member, standing: Standing): Promise<void> {
    const held = await this.#local.read(member);
    if (held.status !== "held" || sameStanding(held.standing, standing)) return;
    await this.#local.replace(member, held.standing, standing);
  }

  /** What this process knows may be stricter than the database: a write that is still owed. */
  async #asKnown(seats: readonly Seat[]): Promise<readonly Seat[]> {
    const known: Seat[] = [];
    for (const { member } of seats) {
      const held = await this.#local.read(member);
      // Otherwise it has been dropped since it was read.
      if (held.status === "held") known.push({ member, standing: held.standing });
    }
    return known;
  }

  #patiently<T>(act: (onPiece: () => void) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const patience = new Patience(this.#options.patienceMs, reject);
      patience.start();
      act(() => patience.start())
        .then(resolve, reject)
        .finally(() => patience.end());
    });
  }
}
