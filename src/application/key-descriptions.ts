import {
  type Clock,
  type CooldownStore,
  invalid,
  type Key,
  type KeyDescription,
  type KeyId,
  type KeyRepository,
  keyNotFound,
  merge,
  parseName,
  parseRegion,
  parseTag,
  refuseSecretIn,
  type Service,
  type Standing,
} from "../domain/index.ts";
import type { KeyLookup } from "./key-lookup.ts";
import type { KeyWrites } from "./key-writes.ts";
import { keyEntry } from "./log-drafts.ts";
import { memberOf, type Roster } from "./roster.ts";

export interface KeyUpdate {
  readonly name?: string | undefined;
  readonly region?: string | undefined;
  /** Null or empty takes the tag away. */
  readonly tag?: string | null | undefined;
}

/** Renames a key, or moves it to another pool, its standing with it. */
export class UpdateKey {
  readonly #clock: Clock;
  readonly #lookup: KeyLookup;
  readonly #repository: KeyRepository;
  readonly #store: CooldownStore;
  readonly #roster: Roster;
  readonly #writes: KeyWrites;

  constructor(
    clock: Clock,
    lookup: KeyLookup,
    repository: KeyRepository,
    store: CooldownStore,
    roster: Roster,
    writes: KeyWrites,
  ) {
    this.#clock = clock;
    this.#lookup = lookup;
    this.#repository = repository;
    this.#store = store;
    this.#roster = roster;
    this.#writes = writes;
  }

  /** At least one field. Throws `invalid_request`, `key_not_found`, `storage_unavailable`. */
  async execute(service: Service, reference: string, update: KeyUpdate): Promise<Key> {
    const changes = parseUpdate(update);
    const key = await this.#lookup.byReference(service, reference);
    refuseSecretIn(changes, key.secret);
    const write = () => this.#write(key.id, changes);
    if (changes.region === undefined && changes.tag === undefined) return this.#writes.write(key.id, write);
    await this.#withdraw(this.#current(key.id), changes);
    return this.#writes.writeOrOwe(key.id, write);
  }

  /** Leaving a queue restricts and comes before the commit. */
  async #withdraw(key: Key, { region, tag }: Partial<KeyDescription>): Promise<void> {
    if (region !== undefined && region !== key.region) await this.#store.leave(memberOf(key));
    else if (tag !== undefined && tag !== key.tag) await this.#seat({ ...key, tag: null }, key.standing);
  }

  async #write(id: KeyId, changes: Partial<KeyDescription>): Promise<Key> {
    const before = this.#current(id);
    await this.#withdraw(before, changes);
    const updated = await this.#repository.describe(id, changes, this.#entry(before, changes));
    // From here on reports find the key in its new pool; what the old one learned last comes along.
    this.#roster.set(updated);
    const moved = updated.region !== before.region;
    const last = moved ? await this.#store.drop(memberOf(before)) : undefined;
    if (moved || updated.tag !== before.tag) {
      await this.#seat(updated, merge(updated.standing, last ?? updated.standing));
    }
    return updated;
  }

  /** The key may have been moved or deleted since it was looked up. */
  #current(id: KeyId): Key {
    const key = this.#roster.get(id);
    if (!key) throw keyNotFound();
    return key;
  }

  #seat(key: Key, standing: Standing): Promise<void> {
    return this.#store.put([{ member: memberOf(key), standing }]);
  }

  #entry(key: Key, changes: Partial<KeyDescription>) {
    const note = Object.entries(changes)
      .map(([field, value]) => `${field === "name" ? "keyname" : field}=${value ?? ""}`)
      .join(" ");
    return keyEntry({ ...key, ...changes }, "update_key", this.#clock.now(), { note });
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
