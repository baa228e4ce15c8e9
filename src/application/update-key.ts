import { type Clock, type Key, type KeyChange, parseKeyChange, type Service } from "../domain/index.ts";
import type { KeyDescriptions } from "./key-descriptions.ts";
import type { KeyLookup } from "./key-lookup.ts";
import { keyEntry } from "./log-drafts.ts";

/** A person renames a key, or moves it to another pool. */
export class UpdateKey {
  readonly #clock: Clock;
  readonly #lookup: KeyLookup;
  readonly #descriptions: KeyDescriptions;

  constructor(clock: Clock, lookup: KeyLookup, descriptions: KeyDescriptions) {
    this.#clock = clock;
    this.#lookup = lookup;
    this.#descriptions = descriptions;
  }

  /** At least one field. Throws `invalid_request`, `key_not_found`, `storage_unavailable`. */
  async execute(service: Service, reference: string, update: KeyChange): Promise<Key> {
    const changes = parseKeyChange(update);
    const key = await this.#lookup.byReference(service, reference);
    const note = Object.entries(changes)
      .map(([field, value]) => `${field === "name" ? "keyname" : field}=${value ?? ""}`)
      .join(" ");
    return this.#descriptions.change(key, changes, (updated) =>
      keyEntry(updated, "update_key", this.#clock.now(), { note }),
    );
  }
}
