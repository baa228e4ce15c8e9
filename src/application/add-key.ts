import {
  type Clock,
  disable,
  type Key,
  type KeyRepository,
  NEW_STANDING,
  parseName,
  parseRegion,
  parseSecret,
  parseTag,
  refuseSecretIn,
  type Service,
} from "../domain/index.ts";
import type { KeyLookup } from "./key-lookup.ts";

export interface NewKey {
  readonly service: Service;
  readonly secret: string;
  readonly region: string;
  /** Default: empty. */
  readonly name?: string;
  /** Default: no tag. */
  readonly tag?: string | null;
  /** Default: true. A key added disabled waits for a person to enable it. */
  readonly enabled?: boolean;
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
  async execute({ service, secret, region, name = "", tag = null, enabled = true }: NewKey): Promise<Key> {
    const createdAt = this.#clock.now();
    const draft = {
      service,
      secret: parseSecret(secret),
      region: parseRegion(region),
      name: parseName(name),
      tag: tag === null ? null : parseTag(tag),
      standing: enabled ? NEW_STANDING : disable(NEW_STANDING, createdAt),
      createdAt,
    };
    refuseSecretIn(draft, secret);
    const key = await this.#repository.add(draft, {
      service,
      keyId: null,
      keyName: draft.name,
      region: draft.region,
      action: "add_key",
      statusCode: null,
      note: null,
      at: createdAt,
    });
    await this.#lookup.seat([key]);
    return key;
  }
}
