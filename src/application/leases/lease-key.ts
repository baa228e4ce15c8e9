import {
  type Chance,
  type Clock,
  LEASE_ID_BYTES,
  type Pool,
  parseLeaseTimes,
  type Scope,
  type WholePool,
} from "../../domain/index.ts";
import type { ClientBudgets } from "../access/client-budgets.ts";
import { poolsWithin } from "../access/in-scope.ts";
import type { UsageCounters } from "../hand-outs/usage-counters.ts";
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
  readonly counters: UsageCounters;
  readonly counts: HandOutCounts;
  readonly budgets: ClientBudgets;
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
   * `invalid_request`, and while it waits the signal's reason.
   */
  async execute(
    request: LeaseRequest,
    scope?: Scope,
    client?: string,
    signal?: AbortSignal,
  ): Promise<KeyLease> {
    const { ttlMs, waitMs } = parseLeaseTimes(request);
    const { pool } = request;
    const pools = (scope && poolsWithin(scope, pool)) ?? [pool];
    let asked = pool;
    const noteAsked: OnNoLease = (pool) => {
      // Its region as it is written.
      asked = pool;
    };
    const ask = () => this.#askFor(pools, ttlMs, this.#onTaken(client), noteAsked);
    const answer = await this.#turnOrWait({ pools, pool, waitMs, ask, placeOf: () => asked, signal });
    if (answer.status !== "leased") {
      const hasKeys = answer.status !== "no-key" || answer.poolSize > 0;
      this.#parts.counts.countNone(asked, answer.status, hasKeys);
    }
    return answer;
  }

  async #turnOrWait(request: Waiting): Promise<KeyLease> {
    const { waiting, clock } = this.#parts;
    const { pool, waitMs, ask } = request;
    // Who comes later does not overtake those who wait.
    const told = waiting.count === 0 ? undefined : waiting.lastOf(pool, lineOf(request));
    const answer = told === undefined ? await ask() : now(told, clock.now());
    if (answer.status === "leased" || answer.status === "no-key" || waitMs === 0) return answer;
    if (answer.status === "all-away" && answer.until - answer.at > waitMs) return answer;
    const attempt = { ask, giveBack: (given: Leased) => void this.#giveBack(given) };
    const place = { place: request.placeOf(), line: lineOf(request) };
    return waiting.wait(place, attempt, answer, waitMs, request.signal);
  }

  /** The caller has gone. If it cannot be returned, it runs out. */
  async #giveBack({ lease }: Leased): Promise<void> {
    const ended = await this.#parts.leasing.end(lease).catch(() => undefined);
    if (ended?.hadNoRoom) this.#parts.onRoom(ended.key);
  }

  #onTaken(client: string | undefined): OnTaken {
    const { counters, counts, budgets } = this.#parts;
    return (id, at, pool) => {
      try {
        if (client !== undefined) budgets.hand(client, id, at);
      } catch (error) {
        counts.countNone(pool, "budget-exhausted", true);
        throw error;
      }
      counters.countUse(id, at);
      counts.countHandOut(pool);
    };
  }

  /** Of several pools the first that has a key to give. */
  async #askFor(
    pools: readonly Pool[],
    ttlMs: number,
    onTaken: OnTaken,
    onNone: OnNoLease,
  ): Promise<KeyLease> {
    const { leasing, settings, chance } = this.#parts;
    let answer = NOTHING;
    for (const pool of pools) {
      const draft = { id: chance.random(LEASE_ID_BYTES, "base64url"), ttlMs };
      const turn = await leasing.lease(pool, settings.value.rotation, draft, onTaken, onNone);
      if (turn.status === "leased") return turn;
      answer = soonerOf(answer, turn);
    }
    return answer;
  }
}

interface Waiting {
  readonly pools: readonly Pool[];
  readonly pool: Pool;
  readonly waitMs: number;
  readonly ask: () => Promise<KeyLease>;
  readonly placeOf: () => Pool;
  readonly signal: AbortSignal | undefined;
}

function lineOf({ pools }: Pick<Waiting, "pools">): string {
  return JSON.stringify(pools.map(({ tag }) => tag ?? null));
}

/** What was told some time ago, as of now. */
function now(told: NoLease, at: number): NoLease {
  return told.status === "no-key" ? told : { ...told, at };
}

/** Of two answers without a key the one that promises one, or promises it sooner. */
function soonerOf(one: NoLease, other: NoLease): NoLease {
  if (other.status === "no-key") return one;
  return one.status !== "no-key" && one.until <= other.until ? one : other;
}
