import type { Pool, Scope } from "../../domain/index.ts";
import { poolsWithin } from "../access/in-scope.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { KeyTurn, NoTurn, OnNone, OnTaken } from "../keyring/taking-turns.ts";
import type { HandOutCounts } from "../measures/hand-out-counts.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";
import type { CountedUses } from "./counted-uses.ts";
import { firstOf } from "./first-of.ts";

interface Parts {
  readonly keyring: Keyring;
  readonly settings: SettingsInForce;
  readonly counts: HandOutCounts;
  readonly uses: CountedUses;
}

const NOTHING: NoTurn = { status: "no-key", poolSize: 0 };

/** Answers "which key now?" and counts the use. */
export class HandOutKey {
  readonly #keyring: Keyring;
  readonly #settings: SettingsInForce;
  readonly #uses: CountedUses;
  readonly #countNone: OnNone;

  constructor({ keyring, settings, counts, uses }: Parts) {
    this.#keyring = keyring;
    this.#settings = settings;
    this.#uses = uses;
    this.#countNone = (pool, turn) =>
      counts.countNone(pool, turn.status, turn.status === "all-away" || turn.poolSize > 0);
  }

  /**
   * A pool outside of `scope` is one without keys. Throws `invalid_request` for a region that no key has and that
   * cannot be one; `budget_exhausted` when `client`, the id of a token, has had its keys for this hour; an error
   * before the start.
   */
  execute(pool: Pool, scope?: Scope, client?: string): Promise<KeyTurn> {
    const onTaken = this.#uses.onTaken(client);
    return scope === undefined
      ? this.#take(pool, onTaken, this.#countNone)
      : this.#takeWithin(scope, pool, onTaken);
  }

  #take(pool: Pool, onTaken: OnTaken, onNone?: OnNone): Promise<KeyTurn> {
    return this.#keyring.take(pool, this.#settings.value.rotation, onTaken, onNone);
  }

  /** Where the scope names tags and the caller none, the first of them that has a key to give. */
  async #takeWithin(scope: Scope, pool: Pool, onTaken: OnTaken): Promise<KeyTurn> {
    const asked = poolsWithin(scope, pool);
    if (asked === undefined) return this.#take(pool, onTaken, this.#countNone);
    let taken = pool;
    const noteTaken: OnNone = (pool) => {
      // Its region as it is written.
      taken = pool;
    };
    const turn = await firstOf<KeyTurn>(asked, (tagged) => this.#take(tagged, onTaken, noteTaken), NOTHING);
    if (turn.status !== "handed-out") this.#countNone(taken, turn);
    return turn;
  }
}
