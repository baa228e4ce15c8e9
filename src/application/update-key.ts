import {
  type Clock,
  invalid,
  type Key,
  type KeyDescription,
  parseName,
  parseRegion,
  parseTag,
  type Service,
} from "../domain/index.ts";
import type { KeyDescriptions } from "./key-descriptions.ts";
import type { KeyLookup } from "./key-lookup.ts";
import { keyEntry } from "./log-drafts.ts";

export interface KeyUpdate {
  readonly name?: string | undefined;
  readonly region?: string | undefined;
  /** Null or empty takes the tag away. */
  readonly tag?: string | null | undefined;
}

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
  async execute(service: Service, reference: string, update: KeyUpdate): Promise<Key> {
    const changes = parseUpdate(update);
    const key = await this.#lookup.byReference(service, reference);
    const note = Object.entries(changes)
      .map(([field, value]) => `${field === "name" ? "keyname" : field}=${value ?? ""}`)
      .join(" ");
    return this.#descriptions.change(key, changes, (updated) =>
      keyEntry(updated, "update_key", this.#clock.now(), { note }),
    );
  }
}

function parseUpdate({ name, region, tag }: KeyUpdate): Partial<KeyDescription> {
  const changes = {
    ...(name !== undefined && { name: parseName(name) }),
    ...(region !== undefined && { region: parseRegion(region) }),
    ...(tag !== undefined && { tag: tag === null ? null : parseTag(tag) }),
  };
  if (Object.keys(changes).length === 0) {
    throw invalid({ field: "body", message: "at least one of keyname, region and tag is needed" });
  }
  return changes;
}
