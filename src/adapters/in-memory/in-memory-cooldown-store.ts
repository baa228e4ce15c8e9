import { KeyIdMap } from "../../application/index.ts";
import {
  type Arrival,
  awayAt,
  type Clock,
  type CooldownStore,
  type Dropped,
  type Held,
  isOvertaken,
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
  type OtherList,
  type Pool,
  REMOVED,
  type Release,
  type Renewal,
  type RotationStrategy,
  type Seat,
  type Service,
  type Standing,
  sameStanding,
  statusAt,
  type Turn,
  type WholePool,
} from "../../domain/index.ts";
import { DroppedPlacements } from "./dropped-placements.ts";
import { PoolLeases } from "./pool-leases.ts";
import { TurnQueue } from "./turn-queue.ts";

interface PoolQueues {
  readonly all: TurnQueue;
  readonly byTag: Map<string, TurnQueue>;
  readonly leases: PoolLeases;
  /** Whether a lease was asked for, of whichever tag: from then on leases have turns of their own. */
  keepsTurns: boolean;
  loaded: boolean;
}

/** A key, where it belongs and its standing. */
interface Holding extends Member {
  service: Service;
  region: string;
  tag: string | null;
  maxInFlight: number | null;
  placement: number;
  /** When the placement was given, epoch milliseconds; null for a first one, which overtakes none and needs no room. */
  placedAt: number | null;
  standing: Standing;
  /** True once the key has been taken out of its queues by `leave`. */
  left: boolean;
}

let lists = 0;

/** The cooldown store of one process: a ring for the keys that wait, a heap for those away, no timers. */
export class InMemoryCooldownStore implements CooldownStore, LeaseStore {
  /** Never lost, so the same for all pools; another one for each store of a process. */
  readonly #list: LeaseList = `in-memory-${++lists}`;
  readonly #clock: Clock;
  readonly #holdings = new KeyIdMap<Holding>();
  readonly #pools: Readonly<Record<Service, Map<string, PoolQueues>>> = {
    speech: new Map(),
    translation: new Map(),
  };

  /** The newest placements of keys that were dropped lately. */
  readonly #dropped = new DroppedPlacements();
  /** Since then, keys that have come back may be away again. */
  #isSetBack = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    clock.onStep?.((ms) => {
      if (ms < 0) this.#isSetBack = true;
    });
  }

  /** The keys it holds, in no particular order. */
  *members(): IterableIterator<Member> {
    for (const { id, service, region, tag, maxInFlight, placement } of this.#holdings.values()) {
      yield { id, service, region, tag, maxInFlight, placement };
    }
  }

  async take(pool: Pool, rotation: RotationStrategy): Promise<Turn> {
    const at = this.#clock.now();
    if (this.#isSetBack) this.#sendBack(at);
    const queues = this.#pools[pool.service].get(pool.region);
    if (!queues?.loaded) return { status: "unloaded" };
    const queue = pool.tag === undefined ? queues.all : queues.byTag.get(pool.tag);
    if (!queue) return { status: "empty", at };
    queue.wake(at);
    const id = rotation === "round_robin" ? queue.rotate() : queue.front;
    return id === undefined ? noTurn(queue, at) : { status: "taken", id, at };
  }

  async read(member: Member): Promise<Held> {
    return this.#held(member);
  }

  async replace(member: Member, expected: Standing, next: Standing): Promise<boolean> {
    const holding = this.#find(member);
    if (!holding || !sameStanding(holding.standing, expected)) return false;
    this.#change(holding, next);
    return true;
  }

  async put(arrivals: readonly Arrival[]): Promise<void> {
    for (const arrival of arrivals) this.#arrive(arrival);
  }

  /** As `put`, and a key that was held in another pool takes its leases along. */
  async move(arrivals: readonly Arrival[]): Promise<void> {
    for (const arrival of arrivals) {
      const { member } = arrival;
      const from = this.#holdings.get(member.id);
      if (from && !samePool(from, member) && !this.#isOvertaken(member, from))
        this.#takeLeasesAlong(from, member);
      this.#arrive(arrival);
    }
  }

  async follow(seats: readonly Seat[]): Promise<readonly Held[]> {
    return seats.map(({ member, standing }) => {
      const holding = this.#find(member);
      if (holding) this.#change(holding, merge(holding.standing, standing));
      return this.#held(member);
    });
  }

  async leave(member: Member, from: "all" | "tag" = "all"): Promise<void> {
    const holding = this.#find(member);
    if (!holding) return;
    if (from === "tag") {
      this.#retag(holding, null);
      return;
    }
    this.#dequeue(holding);
    holding.left = true;
  }

  async drop(member: Member): Promise<Dropped> {
    if (this.#comesTooLate(member)) return { standing: undefined, leases: [] };
    const holding = this.#find(member);
    const now = this.#clock.now();
    this.#dropped.note(member, now);
    const leases = member.placement === REMOVED ? [] : this.#queues(member).leases.of(member.id, now);
    if (!holding) return { standing: undefined, leases };
    this.#dequeue(holding);
    this.#holdings.delete(member.id);
    return { standing: holding.standing, leases };
  }

  /** Never loses a pool while it is loaded, so a load always counts. */
  async load(pool: WholePool, read: () => AsyncIterable<readonly Seat[]>): Promise<void> {
    for await (const seats of read()) {
      for (const seat of seats) {
        if (!this.#find(seat.member)?.left) this.#put(seat);
      }
    }
    this.#queues(pool).loaded = true;
  }

  async lease(
    pool: Pool,
    rotation: RotationStrategy,
    draft: LeaseDraft,
    seen?: LeaseList,
  ): Promise<LeaseTurn> {
    const at = this.#clock.now();
    if (this.#isSetBack) this.#sendBack(at);
    const queues = this.#pools[pool.service].get(pool.region);
    if (!queues?.loaded) return { status: "unloaded" };
    if (this.#isOther(seen)) return this.#otherList();
    keepTurns(queues);
    const queue = pool.tag === undefined ? queues.all : queues.byTag.get(pool.tag);
    if (!queue) return { status: "empty", at };
    queue.wake(at);
    const lease = queues.leases.lease(queue, rotation, draft, at);
    if (lease) return { status: "taken", lease, list: this.#list, at };
    if (!queue.forLeases().hasKeysAtLimit) return noTurn(queue, at);
    const until = Math.min(queues.leases.firstEnd ?? at, queue.firstAway?.until ?? Infinity);
    return { status: "all-busy", until, at };
  }

  async renew(member: Member, draft: LeaseDraft, seen?: LeaseList): Promise<Renewal> {
    if (this.#isOther(seen)) return this.#otherList();
    if (this.#held(member).status === "missing") return { status: "gone" };
    const lease = this.#queues(member).leases.renew(member.id, draft, this.#clock.now());
    return lease ? { status: "renewed", lease, list: this.#list } : { status: "gone" };
  }

  async release(member: Member, id: LeaseId, seen?: LeaseList): Promise<Release> {
    if (this.#isOther(seen)) return this.#otherList();
    const hadNoRoom = this.#queues(member).leases.release(member.id, id, this.#clock.now());
    return hadNoRoom === undefined ? { status: "gone" } : { status: "returned", hadNoRoom };
  }

  async restore(pool: WholePool, leases: readonly Lease[]): Promise<LeaseList> {
    this.#queues(pool).leases.restore(leases, this.#clock.now());
    return this.#list;
  }

  async carryOff(member: Member, id: LeaseId): Promise<boolean> {
    const { leases } = this.#queues(member);
    const now = this.#clock.now();
    return this.#comesTooLate(member) ? leases.ran(member.id, id, now) : leases.carryOff(member.id, id, now);
  }

  async keep(pool: WholePool, leases: readonly Lease[], list: LeaseList): Promise<Keeping> {
    if (this.#isOther(list)) return this.#otherList();
    return this.#queues(pool).leases.keep(leases, this.#clock.now());
  }

  async listOf(_: WholePool): Promise<LeaseList> {
    return this.#list;
  }

  async countLeases(members: readonly Member[]): Promise<readonly number[]> {
    const now = this.#clock.now();
    return members.map((member) => this.#queues(member).leases.count(member.id, now));
  }

  #isOther(seen: LeaseList | undefined): boolean {
    return seen !== undefined && seen !== this.#list;
  }

  #otherList(): OtherList {
    return { status: "other-list", list: this.#list };
  }

  #sendBack(at: number): void {
    this.#isSetBack = false;
    for (const holding of this.#holdings.values()) {
      if (awayAt(holding.standing, at)) this.#lineUpAnew(holding, holding.standing);
    }
  }

  #held(member: Member): Held {
    const holding = this.#find(member);
    if (holding) {
      const { standing, left } = holding;
      const at = this.#clock.now();
      return left ? { status: "held", standing, at, hasLeft: true } : { status: "held", standing, at };
    }
    const isKnown = this.#pools[member.service].get(member.region)?.loaded === true;
    return { status: isKnown ? "missing" : "unloaded" };
  }

  #change(holding: Holding, next: Standing): void {
    if (this.#queueAlike(holding.standing, next)) {
      holding.standing = next;
      return;
    }
    this.#lineUpAnew(holding, next);
  }

  #lineUpAnew(holding: Holding, next: Standing): void {
    this.#dequeue(holding);
    holding.standing = next;
    this.#enqueue(holding);
  }

  #arrive(arrival: Arrival): void {
    const { member, leases } = arrival;
    if (leases) this.#queues(member).leases.restore(leases, this.#clock.now());
    this.#put(arrival);
  }

  #put({ member, standing, hasLeft }: Omit<Arrival, "leases">): void {
    const left = hasLeft === true;
    const held = this.#holdings.get(member.id);
    const now = this.#clock.now();
    if (!held) {
      if (this.#dropped.overtakes(member, now)) return;
      const { id, service, region, tag, maxInFlight, placement } = member;
      const placedAt = placement === 0 ? null : now;
      // Written out, since what a spread makes is a quarter larger, and there are a hundred thousand.
      const holding: Holding = { id, service, region, tag, maxInFlight, placement, placedAt, standing, left };
      this.#holdings.set(member.id, holding);
      this.#enqueue(holding);
      return;
    }
    const merged = merge(held.standing, standing);
    if (this.#isOvertaken(member, held)) {
      this.#change(held, merged);
      return;
    }
    if (held.placement !== member.placement) {
      held.placement = member.placement;
      held.placedAt = now;
    }
    if (held.maxInFlight !== member.maxInFlight) {
      held.maxInFlight = member.maxInFlight;
      this.#queues(held).leases.giveRoom(held.id);
    }
    if (!held.left && !left && samePool(held, member) && this.#queueAlike(merged, held.standing)) {
      held.standing = merged;
      this.#retag(held, member.tag);
      return;
    }
    this.#dequeue(held);
    held.service = member.service;
    held.region = member.region;
    held.tag = member.tag;
    held.standing = merged;
    held.left = left;
    this.#enqueue(held);
  }

  #isOvertaken({ placement }: Member, held: Holding): boolean {
    const now = this.#clock.now();
    return isOvertaken(placement, held.placement, held.placedAt ?? now, now);
  }

  /** Whether a newer place is known of a key that may have left this pool. */
  #comesTooLate(member: Member): boolean {
    const holding = this.#find(member);
    return holding ? this.#isOvertaken(member, holding) : this.#dropped.overtakes(member, this.#clock.now());
  }

  #takeLeasesAlong(from: Member, to: Member): void {
    const now = this.#clock.now();
    const { leases } = this.#queues(from);
    const running = leases.of(from.id, now);
    this.#queues(to).leases.restore(running, now);
    for (const { id } of running) leases.carryOff(from.id, id, now);
  }

  #queueAlike(a: Standing, b: Standing): boolean {
    const now = this.#clock.now();
    const ready = (standing: Standing) => statusAt(standing, now) === "enabled";
    return sameStanding(a, b) || (ready(a) && ready(b));
  }

  /** Changes the tag's queue only; the key keeps its place in its pool's. */
  #retag(held: Holding, tag: string | null): void {
    if (held.tag === tag) return;
    this.#dequeueTag(held);
    held.tag = tag;
    this.#enqueueTag(held);
  }

  #find(member: Member): Holding | undefined {
    const holding = this.#holdings.get(member.id);
    return holding && samePool(holding, member) ? holding : undefined;
  }

  #enqueue(holding: Holding): void {
    if (!isQueued(holding)) return;
    this.#line(this.#queues(holding).all, holding);
    this.#enqueueTag(holding);
  }

  #enqueueTag(holding: Holding): void {
    const { tag } = holding;
    if (tag === null || !isQueued(holding)) return;
    this.#line(tagQueue(this.#queues(holding), tag), holding);
  }

  #line(queue: TurnQueue, { id, standing }: Holding): void {
    const now = this.#clock.now();
    // Keys that are back by now joined before this one does.
    queue.wake(now);
    const away = awayAt(standing, now);
    if (away) queue.sendAway(id, away);
    else queue.join(id);
  }

  #dequeue(holding: Holding): void {
    if (!isQueued(holding)) return;
    this.#queues(holding).all.leave(holding.id);
    this.#dequeueTag(holding);
  }

  #dequeueTag(holding: Holding): void {
    const { id, tag } = holding;
    if (tag === null || !isQueued(holding)) return;
    const queues = this.#queues(holding);
    const queue = tagQueue(queues, tag);
    queue.leave(id);
    if (queue.size === 0) queues.byTag.delete(tag);
  }

  #queues({ service, region }: WholePool): PoolQueues {
    let queues = this.#pools[service].get(region);
    if (!queues) {
      queues = this.#newQueues({ service, region });
      this.#pools[service].set(region, queues);
    }
    return queues;
  }

  #newQueues(pool: WholePool): PoolQueues {
    const keyOf = (id: KeyId) => {
      const holding = this.#holdings.get(id);
      return holding && samePool(holding, pool) ? holding : undefined;
    };
    const [all, byTag] = [new TurnQueue(), new Map<string, TurnQueue>()];
    const queuesOf = (id: KeyId) => {
      const tagged = byTag.get(keyOf(id)?.tag ?? "");
      return tagged ? [all, tagged] : [all];
    };
    return { all, byTag, leases: new PoolLeases(keyOf, queuesOf), keepsTurns: false, loaded: false };
  }
}

/** Why no key of the queue has a turn. */
function noTurn({ firstAway }: TurnQueue, at: number): Extract<Turn, { status: "all-away" | "empty" }> {
  return firstAway
    ? { status: "all-away", until: firstAway.until, reason: firstAway.reason, at }
    : { status: "empty", at };
}

/** Whether the key has a place in its pool's queue, and in its tag's if it has a tag. */
function isQueued({ left, standing }: Holding): boolean {
  return !left && standing.status !== "disabled";
}

function tagQueue(queues: PoolQueues, tag: string): TurnQueue {
  let queue = queues.byTag.get(tag);
  if (!queue) {
    queue = new TurnQueue();
    queues.byTag.set(tag, queue);
    if (queues.keepsTurns) queue.forLeases();
  }
  return queue;
}

function samePool(a: WholePool, b: WholePool): boolean {
  return a.service === b.service && a.region === b.region;
}

function keepTurns(queues: PoolQueues): void {
  if (queues.keepsTurns) return;
  queues.keepsTurns = true;
  for (const queue of [queues.all, ...queues.byTag.values()]) queue.forLeases();
}
