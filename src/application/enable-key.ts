import { enable, type Key, type Service } from "../domain/index.ts";
import type { KeyLookup } from "./key-lookup.ts";
import { keyEntry } from "./log-drafts.ts";
import type { Standings } from "./standings.ts";

/** A person puts a key back into its pool; a cooldown that is running ends. */
export class EnableKey {
  readonly #lookup: KeyLookup;
  readonly #standings: Standings;

  constructor(lookup: KeyLookup, standings: Standings) {
    this.#lookup = lookup;
    this.#standings = standings;
  }

  /** Idempotent; a repeat logs nothing. Throws `key_not_found`, `storage_unavailable`. */
  async execute(service: Service, reference: string): Promise<Key> {
    const known = await this.#lookup.byReference(service, reference);
    // A process that goes on alone may not know that there is something to change.
    await this.#lookup.tryToCatchUp(known);
    const { key, decision } = await this.#standings.change(
      known.id,
      (standing, at) => ({ standing: enable(standing, at) }),
      ({ key, at }) => keyEntry(key, "enable_key", at),
    );
    return { ...key, standing: decision.standing };
  }
}
