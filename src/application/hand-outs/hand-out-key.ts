import type { KeyId, Pool } from "../../domain/index.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { KeyTurn } from "../keyring/taking-turns.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";
import type { UsageCounters } from "./usage-counters.ts";

interface Parts {
  readonly keyring: Keyring;
  readonly settings: SettingsInForce;
  readonly counters: UsageCounters;
}

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

  /** Throws `invalid_request` for a region that no key has and that cannot be one; an error before the start. */
  execute(pool: Pool): Promise<KeyTurn> {
    return this.#keyring.take(pool, this.#settings.value.rotation, this.#countUse);
  }
}
