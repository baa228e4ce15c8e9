import { covers, type KeyId, type Pool, type Scope } from "../../domain/index.ts";
import type { ClientBudgets } from "../access/client-budgets.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { KeyTurn } from "../keyring/taking-turns.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";
import type { UsageCounters } from "./usage-counters.ts";

interface Parts {
  readonly keyring: Keyring;
  readonly settings: SettingsInForce;
  readonly counters: UsageCounters;
  readonly budgets: ClientBudgets;
}

/** Called with the key whose turn it is; throws where it is not to be handed out. */
type OnTaken = (id: KeyId, at: number) => void;

const NOTHING: KeyTurn = { status: "no-key", poolSize: 0 };

/** Answers "which key now?" and counts the use. The only answer that carries a secret. */
export class HandOutKey {
  readonly #keyring: Keyring;
  readonly #settings: SettingsInForce;
  readonly #budgets: ClientBudgets;
  readonly #countUse: OnTaken;

  constructor({ keyring, settings, counters, budgets }: Parts) {
    this.#keyring = keyring;
    this.#settings = settings;
    this.#budgets = budgets;
    this.#countUse = (id, at) => counters.countUse(id, at);
  }

  /**
   * A pool outside of `scope` is one without keys. Throws `invalid_request` for a region that no key has and that
   * cannot be one; `budget_exhausted` when `client`, the id of a token, has had its keys for this hour; an error
   * before the start.
   */
  execute(pool: Pool, scope?: Scope, client?: string): Promise<KeyTurn> {
    const onTaken = client === undefined ? this.#countUse : this.#countingFor(client);
    return scope === undefined ? this.#take(pool, onTaken) : this.#takeWithin(scope, pool, onTaken);
  }

  #countingFor(client: string): OnTaken {
    return (id, at) => {
      this.#budgets.hand(client, id, at);
      this.#countUse(id, at);
    };
  }

  #take(pool: Pool, onTaken: OnTaken): Promise<KeyTurn> {
    return this.#keyring.take(pool, this.#settings.value.rotation, onTaken);
  }

  /** Where the scope names tags and the caller none, the first of them that has a key to give. */
  async #takeWithin({ tags, ...place }: Scope, pool: Pool, onTaken: OnTaken): Promise<KeyTurn> {
    const asked = pool.tag === undefined ? tags : [pool.tag].filter((tag) => tags?.includes(tag) ?? true);
    if (!covers(place, pool.service, pool.region, null)) return NOTHING;
    if (asked === undefined) return this.#take(pool, onTaken);
    let answer: KeyTurn = NOTHING;
    for (const tag of asked) {
      const turn = await this.#take({ ...pool, tag }, onTaken);
      if (turn.status === "handed-out") return turn;
      answer = soonerOf(answer, turn);
    }
    return answer;
  }
}

/** Of two answers without a key the one that promises one, or promises it sooner. */
function soonerOf(one: KeyTurn, other: KeyTurn): KeyTurn {
  if (other.status !== "all-away") return one;
  return one.status === "all-away" && one.until <= other.until ? one : other;
}
