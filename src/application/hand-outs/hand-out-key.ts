import { covers, type KeyId, type Pool, type Scope } from "../../domain/index.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { KeyTurn } from "../keyring/taking-turns.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";
import type { UsageCounters } from "./usage-counters.ts";

interface Parts {
  readonly keyring: Keyring;
  readonly settings: SettingsInForce;
  readonly counters: UsageCounters;
}

const NOTHING: KeyTurn = { status: "no-key", poolSize: 0 };

/** Answers "which key now?" and counts the use. The only answer that carries a secret. */
export class HandOutKey {
  readonly #keyring: Keyring;
  readonly #settings: SettingsInForce;
  readonly #countUse: (id: KeyId, at: number) => void;

  constructor({ keyring, settings, counters }: Parts) {
    this.#keyring = keyring;
    this.#settings = settings;
    this.#countUse = (id, at) => counters.countUse(id, at);
  }

  /**
   * A pool outside of `scope` is one without keys. Throws `invalid_request` for a region that no key has and that
   * cannot be one; an error before the start.
   */
  execute(pool: Pool, scope?: Scope): Promise<KeyTurn> {
    return scope === undefined ? this.#take(pool) : this.#takeWithin(scope, pool);
  }

  #take(pool: Pool): Promise<KeyTurn> {
    return this.#keyring.take(pool, this.#settings.value.rotation, this.#countUse);
  }

  /** Where the scope names tags and the caller none, the first of them that has a key to give. */
  async #takeWithin({ tags, ...place }: Scope, pool: Pool): Promise<KeyTurn> {
    const asked = pool.tag === undefined ? tags : [pool.tag].filter((tag) => tags?.includes(tag) ?? true);
    if (!covers(place, pool.service, pool.region, null)) return NOTHING;
    if (asked === undefined) return this.#take(pool);
    let answer: KeyTurn = NOTHING;
    for (const tag of asked) {
      const turn = await this.#take({ ...pool, tag });
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
