import {
  type Chance,
  type Clock,
  LEASE_ID_BYTES,
  type Pool,
  parseLeaseTimes,
  type Scope,
  type WholePool,
} from "../../domain/index.ts";
import { poolsWithin } from "../access/in-scope.ts";
import type { CountedUses } from "../hand-outs/counted-uses.ts";
import { firstOf } from "../hand-outs/first-of.ts";
import type { KeyLease, Leasing, NoLease, OnNoLease } from "../keyring/leasing.ts";
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
    const { waiting, clock, counts, uses } = this.#parts;
    const within = scope && poolsWithin(scope, pool);
    const pools = within ?? [pool];
    const onTaken = uses.onTaken(client);
    let asked = pool;
    const noteAsked: OnNoLease = (pool) => {
      // Its region as it is written.
      asked = pool;
    };
    const ask = () => this.#askFor(pools, ttlMs, onTaken, noteAsked);
    // Who comes later does not overtake those who wait.
    const told = waiting.count === 0 ? undefined : waiting.lastOf(pool, lineOf(pools));
    let answer = told === undefined ? await ask() : asOf(told, clock.now());
    if (answer.status === "leased") {
      if (!signal?.aborted) return answer;
      await this.#giveBack(answer);
      throw signal.reason;
    }
    if (isWorthWaiting(answer, waitMs)) {
      const attempt = { ask, giveBack: (given: Leased) => void this.#giveBack(given) };
      answer = await waiting.wait({ place: asked, line: lineOf(pools) }, attempt, answer, waitMs, signal);
    }
    if (answer.status === "leased") return answer;
    // How many keys the scope leaves out is not told.
    const none = within && answer.status === "no-key" ? NOTHING : answer;
    counts.countNone(asked, none.status, none.status !== "no-key" || none.poolSize > 0);
    return none;
  }

  /** The caller has gone. If it cannot be returned, it runs out. */
  async #giveBack({ lease }: Leased): Promise<void> {
    const ended = await this.#parts.leasing.release(lease).catch(() => undefined);
    if (ended?.hadNoRoom) this.#parts.onRoom(ended.key);
  }

  /** Of several pools the first that has a key to give. */
  #askFor(pools: readonly Pool[], ttlMs: number, onTaken: OnTaken, onNone: OnNoLease): Promise<KeyLease> {
    const { leasing, settings, chance } = this.#parts;
    const lease = (pool: Pool) => {
      const draft = { id: chance.random(LEASE_ID_BYTES, "base64url"), ttlMs };
      return leasing.lease(pool, settings.value.rotation, draft, onTaken, onNone);
    };
    const [only, ...others] = pools;
    return only && others.length === 0 ? lease(only) : firstOf<KeyLease>(pools, lease, NOTHING);
  }
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
