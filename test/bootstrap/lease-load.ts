import type { Answer } from "../servers/api.ts";
import { randomOf } from "../situations/random-of.ts";
import type { Instance } from "./fleet.ts";
import type { Hold } from "./lease-checker.ts";
import { CLOCKS_APART_MS, secretOf, until } from "./servers.ts";

export const REGIONS = ["eastasia", "westus"] as const;
const TAG = "red";
const LIMITS = [1, 1, 1, 2, 2, 3, 3, 5, 5, 8];
const CALLERS = 12;
/** A caller that holds so many gives one back before it asks for another. */
const MOST_HELD = 2;
/** Some last longer than a new list takes to settle, so that it matters whether they were brought back. */
const LONGEST_SECONDS = 6;
const WAIT_MS = 500;

interface Running {
  readonly lease: string;
  readonly keyId: number;
  readonly instance: number;
  readonly askedAt: number;
  readonly from: number;
  /** When it runs out, unless something is asked about it before. */
  readonly until: number;
}

interface Move {
  readonly keyId: number;
  readonly instance: number;
  readonly region: string;
  readonly from: number;
  readonly until: number;
  /** Undefined where the server was gone. */
  readonly status: number | undefined;
}

/** Many callers who lease, renew, return and forget, while keys are moved; what they surely had is in `holds`. */
export class LeaseStorm {
  readonly limits = new Map<number, number>();
  readonly holds: Hold[] = [];
  readonly moves: Move[] = [];
  readonly #asked: Instance[];
  readonly #all: Instance[];
  readonly #random: () => number;
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(instances: readonly Instance[], seed: number) {
    this.#all = [...instances];
    this.#asked = [...instances];
    this.#random = randomOf(seed);
  }

  async begin(): Promise<void> {
    const [{ api }] = this.#asked as [Instance];
    for (const [index, max_in_flight] of LIMITS.entries()) {
      const tag = index % 2 ? { tag: TAG } : {};
      const { body } = await api.add(secretOf(index), this.#region(), { max_in_flight, ...tag });
      this.limits.set(body.data.id, max_in_flight);
    }
    this.#running = Promise.all(Array.from({ length: CALLERS }, () => this.#call()));
  }

  /** Resolves when so many more leases have ended. */
  async more(count: number): Promise<void> {
    const wanted = this.holds.length + count;
    await until(
      async () => this.holds.length,
      (length) => length >= wanted,
      600_000,
    );
  }

  ask(instance: Instance): void {
    this.#all.push(instance);
    this.#asked.push(instance);
  }

  /** Sends it nothing more; what runs there goes on. */
  spare(instance: Instance): void {
    this.#asked.splice(this.#asked.indexOf(instance), 1);
  }

  indexOf(instance: Instance): number {
    return this.#all.indexOf(instance);
  }

  /** Resolves when all that was leased has run out. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    const over = performance.now() + LONGEST_SECONDS * 1_000 + CLOCKS_APART_MS;
    await until(
      async () => performance.now(),
      (now) => now > over,
    );
  }

  /** Resolves when this instance has brought back what it gave, wherever that was lost: it does before it looks for a lease. */
  async restored({ api }: Instance): Promise<void> {
    for (const keyId of this.limits.keys()) {
      await answerOf(api.post(`/leases/${keyId}.${"x".repeat(22)}/renew`, { ttl_seconds: 1 }));
    }
  }

  /** How many leases each key has room for, by leasing them all; those of a list that is settling are waited for. */
  async room(): Promise<ReadonlyMap<number, number>> {
    const { api } = this.#any();
    const room = new Map([...this.limits.keys()].map((keyId) => [keyId, 0]));
    for (const region of REGIONS) {
      for (;;) {
        const { status, body } = await api.post("/leases", { region, ttl_seconds: 600 });
        if (status !== 201) break;
        room.set(body.data.key.id, (room.get(body.data.key.id) ?? 0) + 1);
      }
    }
    return room;
  }

  async #call(): Promise<void> {
    const held: Running[] = [];
    while (!this.#isOver) {
      const dice = this.#random();
      const [running] = held;
      if (dice < 0.02) await this.#move();
      else if (running && (dice < 0.5 || held.length >= MOST_HELD)) {
        held.shift();
        const renewed = await this.#use(running);
        if (renewed) held.push(renewed);
      } else {
        const given = await this.#lease();
        if (given) held.push(given);
      }
    }
    for (const running of held) this.#end(running, running.until);
  }

  async #lease(): Promise<Running | undefined> {
    const instance = this.#any();
    const ttl_seconds = this.#seconds();
    const tag = this.#random() < 0.3 ? { tag: TAG } : {};
    const askedAt = performance.now();
    const answer = await answerOf(
      instance.api.post("/leases", { region: this.#region(), ...tag, ttl_seconds, wait_ms: WAIT_MS }),
    );
    if (answer?.status !== 201) return;
    const { lease_id: lease, expires_at, key } = answer.body.data;
    const from = performance.now();
    return {
      ...{ lease, keyId: key.id, instance: this.indexOf(instance), askedAt, from },
      until: surelyUntil(expires_at),
    };
  }

  /** Renews it, returns it, or forgets it. */
  async #use(running: Running): Promise<Running | undefined> {
    const dice = this.#random();
    if (dice < 0.03) return void this.#end(running, running.until);
    if (dice < 0.2) return this.#renew(running);
    const askedAt = performance.now();
    const code = this.#random() < 0.5 ? { code: 200 } : {};
    await answerOf(this.#any().api.post(`/leases/${running.lease}/release`, code));
    this.#end(running, askedAt);
  }

  async #renew(running: Running): Promise<Running | undefined> {
    const instance = this.#any();
    const ttl_seconds = this.#seconds();
    const askedAt = performance.now();
    const answer = await answerOf(instance.api.post(`/leases/${running.lease}/renew`, { ttl_seconds }));
    if (answer?.status === 200) {
      const renewedUntil = surelyUntil(answer.body.data.expires_at);
      return { ...running, instance: this.indexOf(instance), until: renewedUntil };
    }
    // Where no answer came it may have been renewed, also for less long than it had left.
    this.#end(running, answer ? askedAt : Math.min(running.until, askedAt + ttl_seconds * 1_000));
  }

  #end({ keyId, instance, askedAt, from, until: atLatest }: Running, at: number): void {
    this.holds.push({ keyId, instance, askedAt, from, until: Math.min(at, atLatest) });
  }

  async #move(): Promise<void> {
    const ids = [...this.limits.keys()];
    const keyId = ids[Math.floor(this.#random() * ids.length)] as number;
    const [mover, region, from] = [this.#any(), this.#region(), performance.now()];
    const answer = await answerOf(mover.api.put(`/keys/${keyId}`, { region }));
    const [instance, status] = [this.indexOf(mover), answer?.status];
    this.moves.push({ keyId, instance, region, from, until: performance.now(), status });
  }

  #seconds(): number {
    const dice = this.#random();
    return dice < 0.1 ? LONGEST_SECONDS : dice < 0.5 ? 2 : 1;
  }

  #region(): string {
    return REGIONS[this.#random() < 0.5 ? 0 : 1];
  }

  #any(): Instance {
    return this.#asked[Math.floor(this.#random() * this.#asked.length)] as Instance;
  }
}

/** The clocks of the servers, which count on by themselves, may be a little ahead. */
function surelyUntil(expiresAt: string): number {
  return Date.parse(expiresAt) - performance.timeOrigin - CLOCKS_APART_MS;
}

/** Nothing where the server is gone. */
function answerOf(asked: Promise<Answer>): Promise<Answer | undefined> {
  return asked.catch(() => undefined);
}
