import {
  type Clock,
  draftKey,
  type Key,
  type KeyRepository,
  type NewKeyFields,
  parseNewKey,
  type Service,
} from "../domain/index.ts";
import type { KeyLookup } from "./key-lookup.ts";

export interface NewKey extends NewKeyFields {
  readonly service: Service;
}

/** Adds a key at the back of its pool. */
export class AddKey {
  readonly #clock: Clock;
  readonly #repository: KeyRepository;
  readonly #lookup: KeyLookup;

  constructor(clock: Clock, repository: KeyRepository, lookup: KeyLookup) {
    this.#clock = clock;
    this.#repository = repository;
    this.#lookup = lookup;
  }

  /** Throws `invalid_request`, `key_exists`, `storage_unavailable`. */
  async execute({ service, ...fields }: NewKey): Promise<Key> {
    const draft = draftKey(service, parseNewKey(fields), this.#clock.now());
    const key = await this.#repository.add(draft, {
      service,
      keyId: null,
      keyName: draft.name,
      region: draft.region,
      action: "add_key",
      statusCode: null,
      note: null,
      at: draft.createdAt,
    });
    await this.#lookup.seat([key]);
    return key;
  }
}
