import {
  type Clock,
  type CooldownStore,
  type KeyId,
  type Member,
  merge,
  type Pool,
  type RotationStrategy,
  type Seat,
  type Service,
  type Standing,
  sameStanding,
  statusAt,
  type Turn,
} from "../../domain/index.ts";
import { Place, TurnQueue } from "./turn-queue.ts";

interface PoolQueues {
  readonly all: TurnQueue;
  readonly byTag: Map<string, TurnQueue>;
  loaded: boolean;
}

interface Holding {
  member: Member;
  standing: Standing;
  /** True once the key has been taken out of its queues by `leave`. */
  left: boolean;
  readonly place: Place;
  /** The key's place in its tag's queue; null for a key without a tag. */
  tagPlace: Place | null;
}

/** The cooldown store of one process: linked lists for the turns, heaps for the rests, no timers. */
export class InMemoryCooldownStore implements CooldownStore {
  readonly #clock: Clock;
  readonly #holdings = new Map<KeyId, Holding>();
  readonly #pools: Readonly<Record<Service, Map<string, PoolQueues>>> = {
    speech: new Map(),
    translation: new Map(),
  };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The keys it holds, in no order that matters. */
  *members(): IterableIterator<Member> {
    for (const { member } of this.#holdings.values()) yield member;
  }

  async take(pool: Pool, rotation: RotationStrategy): Promise<Turn> {
    const at = this.#clock.now();
    const queues = this.#pools[pool.service].get(pool.region);
    if (!queues?.loaded) return { status: "unloaded" };
    const queue = pool.tag === undefined ? queues.all : queues.byTag.get(pool.tag);
    if (!queue) return { status: "empty", at };
    queue.wake(at);
    const { front } = queue;
    if (front) {
      if (rotation === "round_robin") queue.turn(front);
      return { status: "taken", id: front.id, at };
    }
    const availableAt = queue.firstDeadline;
    return availableAt === undefined ? { status: "empty", at } : { status: "all-cooling", availableAt, at };
  }

  async read(member: Member): Promise<{ readonly standing: Standing; readonly at: number } | undefined> {
    const holding = this.#find(member);
    return holding && { standing: holding.standing, at: this.#clock.now() };
  }

  async replace(member: Member, expected: Standing, next: Standing): Promise<boolean> {
    const holding = this.#find(member);
    if (!holding || !sameStanding(holding.standing, expected)) return false;
    this.#dequeue(holding);
    holding.standing = next;
    this.#enqueue(holding);
    return true;
  }

  async put(seats: readonly Seat[]): Promise<void> {
    for (const seat of seats) this.#put(seat);
  }

  async follow(seats: readonly Seat[]): Promise<readonly Member[]> {
    const missing: Member[] = [];
    for (const { member, standing } of seats) {
      const held = this.#find(member);
      const merged = held && merge(held.standing, standing);
      if (!held || !merged) missing.push(member);
      else if (!sameStanding(merged, held.standing)) await this.replace(member, held.standing, merged);
    }
    return missing;
  }

  async leave(member: Member): Promise<void> {
    const holding = this.#find(member);
    if (!holding) return;
    this.#dequeue(holding);
    holding.left = true;
  }

  async drop(member: Member): Promise<Standing | undefined> {
    const holding = this.#find(member);
    if (!holding) return undefined;
    this.#dequeue(holding);
    this.#holdings.delete(member.id);
    return holding.standing;
  }

  async load(service: Service, region: string, seats: readonly Seat[]): Promise<void> {
    for (const seat of seats) {
      if (!this.#find(seat.member)?.left) this.#put(seat);
    }
    this.#queues(service, region).loaded = true;
  }

  #put({ member, standing }: Seat): void {
    const held = this.#holdings.get(member.id);
    if (!held) {
      const place = new Place(member.id);
      const tagPlace = member.tag === null ? null : new Place(member.id);
      const holding = { member, standing, left: false, place, tagPlace };
      this.#holdings.set(member.id, holding);
      this.#enqueue(holding);
      return;
    }
    const merged = merge(held.standing, standing);
    if (!held.left && samePool(held.member, member) && this.#queueAlike(merged, held.standing)) {
      held.standing = merged;
      this.#retag(held, member);
      return;
    }
    this.#dequeue(held);
    held.member = member;
    held.standing = merged;
    held.left = false;
    held.tagPlace = member.tag === null ? null : new Place(member.id);
    this.#enqueue(held);
  }

  #queueAlike(a: Standing, b: Standing): boolean {
    const now = this.#clock.now();
    const ready = (standing: Standing) => statusAt(standing, now) === "enabled";
    return sameStanding(a, b) || (ready(a) && ready(b));
  }

  /** Changes the tag's queue only; the key keeps its place in its pool's. */
  #retag(held: Holding, member: Member): void {
    if (held.member.tag === member.tag) return;
    this.#dequeueTag(held);
    held.member = member;
    held.tagPlace = member.tag === null ? null : new Place(member.id);
    this.#enqueueTag(held);
  }

  #find(member: Member): Holding | undefined {
    const holding = this.#holdings.get(member.id);
    const here = holding?.member.region === member.region && holding.member.service === member.service;
    return here ? holding : undefined;
  }

  #enqueue(holding: Holding): void {
    const { member, standing, left, place } = holding;
    if (left || standing.status === "disabled") return;
    this.#line(this.#queues(member.service, member.region).all, place, standing.cooldownUntil);
    this.#enqueueTag(holding);
  }

  #enqueueTag({ member, standing, left, tagPlace }: Holding): void {
    if (left || standing.status === "disabled" || !tagPlace) return;
    const queues = this.#queues(member.service, member.region);
    this.#line(tagQueue(queues, member.tag as string), tagPlace, standing.cooldownUntil);
  }

  #line(queue: TurnQueue, place: Place, cooldownUntil: number): void {
    const now = this.#clock.now();
    // Whoever's rest is over joined before this key does.
    queue.wake(now);
    if (now < cooldownUntil) queue.rest(place, cooldownUntil);
    else queue.join(place);
  }

  #dequeue(holding: Holding): void {
    const { member, place } = holding;
    this.#queues(member.service, member.region).all.leave(place);
    this.#dequeueTag(holding);
  }

  #dequeueTag({ member, tagPlace }: Holding): void {
    if (!tagPlace) return;
    const queues = this.#queues(member.service, member.region);
    const queue = tagQueue(queues, member.tag as string);
    queue.leave(tagPlace);
    if (queue.size === 0) queues.byTag.delete(member.tag as string);
  }

  #queues(service: Service, region: string): PoolQueues {
    let queues = this.#pools[service].get(region);
    if (!queues) {
      queues = { all: new TurnQueue(), byTag: new Map(), loaded: false };
      this.#pools[service].set(region, queues);
    }
    return queues;
  }
}

function tagQueue(queues: PoolQueues, tag: string): TurnQueue {
  let queue = queues.byTag.get(tag);
  if (!queue) {
    queue = new TurnQueue();
    queues.byTag.set(tag, queue);
  }
  return queue;
}

function samePool(a: Member, b: Member): boolean {
  return a.service === b.service && a.region === b.region;
}
