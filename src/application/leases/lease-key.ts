import {
  type Chance,
  type Clock,
  LEASE_ID_BYTES,
  type Pool,
  parseLeaseTimes,
  parseRegion,
  type Scope,
  type WholePool,
} from "../../domain/index.ts";
import { poolsWithin } from "../access/in-scope.ts";
import type { CountedUses } from "../hand-outs/counted-uses.ts";
import { firstOf } from "../hand-outs/first-of.ts";
import type { KeyLease, Leasing, NoLease } from "../keyring/leasing.ts";
import type { OnTaken } from "../keyring/taking-turns.ts";
import type { HandOutCounts } from "../measures/hand-out-counts.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";
import type { WaitingCallers } from "./waiting-callers.ts";

export interface LeaseRequest {
  readonly pool: Pool;
  /** For how long, in seconds; 1 to 3600. Default: 60. */
  readonly ttlSeconds?: number | undefined;
  /** How long to wait for a key, in milliseconds; 0 to 30,000. Default: 0. */
  readonly waitMs?: number | undefined;
}

interface Parts {
  readonly clock: Clock;
  readonly leasing: Leasing;
  readonly chance: Chance;
  readonly settings: SettingsInForce;
  readonly counts: HandOutCounts;
  readonly uses: CountedUses;
  readonly waiting: WaitingCallers;
  /** A key of this pool had no room, and has again. */
  readonly onRoom: (pool: WholePool) => void;
}

/** What one caller wants. */
interface Asked {
  readonly pool: Pool;
  /** Where the caller's scope lets it come from; undefined for that pool. */
  readonly within: readonly Pool[] | undefined;
  readonly ttlMs: number;
  readonly onTaken: OnTaken;
}

type Leased = Extract<KeyLease, { status: "leased" }>;

const NOTHING: NoLease = { status: "no-key", poolSize: 0 };

/** Hands out a key for a time in which it counts as in use, and never passes a key's limit. */
export class LeaseKey {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Where there is no key now, waits in turn behind those of this process that wait already. Throws as a hand-out does,
   * `invalid_request`, and the signal's reason, in place of a lease and while it waits.
   */
  async execute(
    request: LeaseRequest,
    scope?: Scope,
    client?: string,
    signal?: AbortSignal,
  ): Promise<KeyLease> {
    const { ttlMs, waitMs } = parseLeaseTimes(request);
    const { pool } = request;
    const within = scope && poolsWithin(scope, pool);
    const asked = { pool, within, ttlMs, onTaken: this.#parts.uses.onTaken(client) };
    let answer = this.#toldInLine(asked) ?? (await this.#ask(asked));
    if (answer.status === "leased") {
      if (!signal?.aborted) return answer;
      await this.#giveBack(answer);
      throw signal.reason;
    }
    if (isWorthWaiting(answer, waitMs)) answer = await this.#wait(asked, answer, waitMs, signal);
    return answer.status === "leased" ? answer : this.#none(asked, answer);
  }

  /** Who comes later does not overtake those who wait; undefined when nobody does. */
  #toldInLine({ pool, within }: Asked): NoLease | undefined {
    const { waiting, clock } = this.#parts;
    const told = waiting.count === 0 ? undefined : waiting.lastOf(pool, lineOf(within ?? [pool]));
    return told && asOf(told, clock.now());
  }

  #wait(asked: Asked, last: NoLease, waitMs: number, signal: AbortSignal | undefined): Promise<KeyLease> {
    const attempt = { ask: () => this.#ask(asked), giveBack: (given: Leased) => void this.#giveBack(given) };
    const line = { place: placeOf(asked), line: lineOf(asked.within ?? [asked.pool]) };
    return this.#parts.waiting.wait(line, attempt, last, waitMs, signal);
  }

  /** How many keys the scope leaves out is not told. */
  #none(asked: Asked, answer: NoLease): NoLease {
    const none = asked.within && answer.status === "no-key" ? NOTHING : answer;
    this.#parts.counts.countNone(placeOf(asked), none.status, none.status !== "no-key" || none.poolSize > 0);
    return none;
  }

  /** The caller has gone. If it cannot be returned, it runs out. */
  async #giveBack({ lease }: Leased): Promise<void> {
    const ended = await this.#parts.leasing.release(lease).catch(() => undefined);
    if (ended?.hadNoRoom) this.#parts.onRoom(ended.key);
  }

  /** Of several pools the first that has a key to give. */
  #ask({ pool, within, ttlMs, onTaken }: Asked): Promise<KeyLease> {
    if (within === undefined) return this.#lease(pool, ttlMs, onTaken);
    return firstOf<KeyLease>(within, (pool) => this.#lease(pool, ttlMs, onTaken), NOTHING);
  }

  #lease(pool: Pool, ttlMs: number, onTaken: OnTaken): Promise<KeyLease> {
    const { leasing, settings, chance } = this.#parts;
    const draft = { id: chance.random(LEASE_ID_BYTES, "base64url"), ttlMs };
    return leasing.lease(pool, settings.value.rotation, draft, onTaken);
  }
}

/** The place whose keys were asked for, its region as it is written. */
function placeOf({ pool, within }: Asked): WholePool {
  // What is not the caller's was not asked for, and nobody has looked at its name.
  return within?.length === 0 ? pool : { service: pool.service, region: parseRegion(pool.region) };
}

/** For a key that rests, only where it is back in that time; one that is leased may be returned at any moment. */
function isWorthWaiting(none: NoLease, waitMs: number): boolean {
  if (waitMs === 0 || none.status === "no-key") return false;
  return none.status === "all-busy" || none.until - none.at <= waitMs;
}

function lineOf(pools: readonly Pool[]): string {
  return JSON.stringify(pools.map(({ tag }) => tag ?? null));
}

/** What was told some time ago, as of now. */
function asOf(told: NoLease, at: number): NoLease {
  return told.status === "no-key" ? told : { ...told, at };
}
