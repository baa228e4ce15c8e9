import {
  type CooldownStore,
  type HealthIndicator,
  type LoadToken,
  type Member,
  merge,
  type PartHealth,
  type Pool,
  type RotationStrategy,
  type Seat,
  type Service,
  type Standing,
  sameStanding,
  type Turn,
} from "../domain/index.ts";

export interface FallbackOptions {
  /** How long the shared store may take for one answer before this process goes on alone. Default: 2000 ms. */
  readonly patienceMs?: number;
  /** Told every instant of the shared store's clock that this process learns. Default: nobody is told. */
  readonly onInstant?: (at: number) => void;
  /** Told when this process begins to go on alone, and why. Default: nobody is told. */
  readonly onDegraded?: (error: unknown) => void;
  readonly onRecovered?: () => void;
}

/** A store in this process that can tell which keys it holds. */
export interface LocalCooldownStore extends CooldownStore {
  members(): Iterable<Member>;
}

const DEFAULTS: Required<FallbackOptions> = {
  patienceMs: 2000,
  onInstant: () => {},
  onDegraded: () => {},
  onRecovered: () => {},
};

const CHUNK = 500;

/** The shared store was away when the load began. */
const NOT_STARTED: LoadToken = "not started";

interface Change {
  readonly member: Member;
  /** Whether this process gave the key its place, and not only another standing. */
  readonly seated: boolean;
}

/**
 * A shared store and a local one that mirrors what this process knows. While the shared one fails, this
 * process goes on alone from its last known state; when it is back, standings are merged into it.
 */
export class FallbackCooldownStore implements CooldownStore, HealthIndicator {
  readonly part = "cooldown_store";
  readonly essential = false;
  readonly #shared: CooldownStore;
  readonly #local: LocalCooldownStore;
  readonly #options: Required<FallbackOptions>;
  #fault: unknown;
  /** What has changed since this process goes on alone and is not in the shared store yet. */
  readonly #changed = new Map<number, Change>();

  constructor(shared: CooldownStore, local: LocalCooldownStore, options: FallbackOptions = {}) {
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
    return this.#either(async (store) => {
      const turn = await store.take(pool, rotation);
      if (turn.status !== "unloaded" && store === this.#shared) this.#options.onInstant(turn.at);
      return turn;
    });
  }

  async read(member: Member): Promise<{ readonly standing: Standing; readonly at: number } | undefined> {
    return this.#either(async (store) => {
      for (;;) {
        const held = await store.read(member);
        if (!held || store !== this.#shared) return held;
        this.#options.onInstant(held.at);
        await this.#mirror(member, held.standing);
        const standing = (await this.#local.read(member))?.standing ?? held.standing;
        if (sameStanding(standing, held.standing)) return held;
        // The shared store was emptied, and filled again without what this process had brought about in it.
        if (await store.replace(member, held.standing, standing)) return { ...held, standing };
      }
    });
  }

  async replace(member: Member, expected: Standing, next: Standing): Promise<boolean> {
    return this.#either(async (store) => {
      const replaced = await store.replace(member, expected, next);
      if (replaced && store === this.#shared) await this.#mirror(member, next);
      if (replaced) this.#note(member, false);
      return replaced;
    });
  }

  async put(seats: readonly Seat[]): Promise<void> {
    await this.#local.put(seats);
    await this.#sharedOnly(() => this.#shared.put(seats));
    for (const { member } of seats) this.#note(member, true);
  }

  async follow(seats: readonly Seat[]): Promise<readonly Member[]> {
    // Nobody else tells the local store where keys belong.
    await this.#local.put(seats);
    return (await this.#sharedOnly(() => this.#shared.follow(seats))) ?? [];
  }

  async leave(member: Member): Promise<void> {
    await this.#local.leave(member);
    await this.#sharedOnly(() => this.#shared.leave(member));
  }

  async drop(member: Member): Promise<Standing | undefined> {
    this.#changed.delete(member.id);
    const local = await this.#local.drop(member);
    const shared = await this.#sharedOnly(() => this.#shared.drop(member));
    return local && shared ? merge(local, shared) : (shared ?? local);
  }

  async startLoad(service: Service, region: string): Promise<LoadToken> {
    return (await this.#sharedOnly(() => this.#shared.startLoad(service, region))) ?? NOT_STARTED;
  }

  async load(service: Service, region: string, seats: readonly Seat[], token?: LoadToken): Promise<void> {
    await this.#local.load(service, region, seats);
    if (token === NOT_STARTED) return;
    // What this process knows may be stricter than the database: a write that is still owed.
    const known = await Promise.all(seats.map((seat) => this.#asKnown(seat)));
    await this.#sharedOnly(() => this.#shared.load(service, region, known, token));
  }

  /**
   * Tries to come back to the shared store: merges into it all that is known here, then whatever changed
   * meanwhile, and goes on with it. Answers whether this process is with the shared store now.
   */
  async recover(): Promise<boolean> {
    if (!this.degraded) return true;
    try {
      // Where keys belong others may know better by now; only what was put here meanwhile is put there.
      await this.#tell([...this.#local.members()], (seats) => this.#shared.follow(seats));
      while (this.#changed.size > 0) await this.#tellChanges();
    } catch (error) {
      this.#fault = error;
      return false;
    }
    this.#fault = undefined;
    this.#options.onRecovered();
    return true;
  }

  async #tellChanges(): Promise<void> {
    const changes = [...this.#changed.values()];
    this.#changed.clear();
    const members = (seated: boolean) =>
      changes.filter((change) => change.seated === seated).map(({ member }) => member);
    try {
      await this.#tell(members(true), (seats) => this.#shared.put(seats));
      await this.#tell(members(false), (seats) => this.#shared.follow(seats));
    } catch (error) {
      for (const { member, seated } of changes) this.#note(member, seated);
      throw error;
    }
  }

  async #tell(members: readonly Member[], tell: (seats: readonly Seat[]) => Promise<unknown>): Promise<void> {
    for (let start = 0; start < members.length; start += CHUNK) {
      const seats: Seat[] = [];
      for (const member of members.slice(start, start + CHUNK)) {
        const held = await this.#local.read(member);
        if (held) seats.push({ member, standing: held.standing });
      }
      await this.#patiently(() => tell(seats));
    }
  }

  async #either<T>(act: (store: CooldownStore) => Promise<T>): Promise<T> {
    if (!this.degraded) {
      try {
        return await this.#patiently(() => act(this.#shared));
      } catch (error) {
        this.#degrade(error);
      }
    }
    return act(this.#local);
  }

  async #sharedOnly<T>(act: () => Promise<T>): Promise<T | undefined> {
    if (this.degraded) return undefined;
    try {
      return await this.#patiently(act);
    } catch (error) {
      this.#degrade(error);
      return undefined;
    }
  }

  #degrade(error: unknown): void {
    if (this.degraded) return;
    this.#fault = error ?? new Error("The shared store failed");
    this.#options.onDegraded(error);
  }

  /** While this process goes on alone, remembers what the shared store has to be told. */
  #note(member: Member, seated: boolean): void {
    if (!this.degraded) return;
    const before = this.#changed.get(member.id);
    this.#changed.set(member.id, { member, seated: seated || before?.seated === true });
  }

  async #mirror(member: Member, standing: Standing): Promise<void> {
    const held = await this.#local.read(member);
    if (!held) return;
    const merged = merge(held.standing, standing);
    if (!sameStanding(merged, held.standing)) await this.#local.replace(member, held.standing, merged);
  }

  async #asKnown(seat: Seat): Promise<Seat> {
    const held = await this.#local.read(seat.member);
    return held ? { ...seat, standing: merge(seat.standing, held.standing) } : seat;
  }

  #patiently<T>(act: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { patienceMs } = this.#options;
      const giveUp = () => reject(new Error(`The shared store did not answer within ${patienceMs} ms`));
      // If it was this process that stood still, the answer waits to be read, which happens before that.
      const timer = setTimeout(() => setImmediate(giveUp), patienceMs);
      const settle = () => clearTimeout(timer);
      act().then(resolve, reject).finally(settle);
    });
  }
}
