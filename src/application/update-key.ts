import {
  type Clock,
  type CooldownStore,
  invalid,
  type Key,
  type KeyDescription,
  type KeyRepository,
  parseName,
  parseRegion,
  parseTag,
  type Service,
} from "../domain/index.ts";
import type { KeyLookup } from "./key-lookup.ts";
import { keyEntry } from "./log-drafts.ts";
import type { OwedWrites } from "./owed-writes.ts";
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
  readonly #owed: OwedWrites;

  constructor(
    clock: Clock,
    lookup: KeyLookup,
    repository: KeyRepository,
    store: CooldownStore,
    roster: Roster,
    owed: OwedWrites,
  ) {
    this.#clock = clock;
    this.#lookup = lookup;
    this.#repository = repository;
    this.#store = store;
    this.#roster = roster;
    this.#owed = owed;
  }

  /** At least one field. Throws `invalid_request`, `key_not_found`, `storage_unavailable`. */
  async execute(service: Service, reference: string, update: KeyUpdate): Promise<Key> {
    const changes = parseUpdate(update);
    const key = await this.#lookup.byReference(service, reference);
    const moves =
      (changes.region !== undefined && changes.region !== key.region) ||
      (changes.tag !== undefined && changes.tag !== key.tag);
    return moves ? this.#move(key, changes) : this.#rename(key, changes);
  }

  async #rename(key: Key, changes: Partial<KeyDescription>): Promise<Key> {
    await this.#owed.settle(key.id);
    const renamed = await this.#repository.describe(key.id, changes, this.#entry(key, changes));
    this.#roster.set(renamed);
    return renamed;
  }

  /** Leaving a pool restricts and comes before the commit; entering one permits and comes after it. */
  async #move(key: Key, changes: Partial<KeyDescription>): Promise<Key> {
    await this.#owed.settle(key.id);
    await this.#store.leave(memberOf(key));
    let moved = key;
    await this.#owed.writeOrOwe(key.id, async () => {
      moved = await this.#repository.describe(key.id, changes, this.#entry(key, changes));
      await this.#enter(moved);
    });
    return moved;
  }

  async #enter(moved: Key): Promise<void> {
    const old = this.#roster.get(moved.id) ?? moved;
    // From here on reports find the key in its new pool; what the old one learned last comes along.
    this.#roster.set(moved);
    const last = await this.#store.drop(memberOf(old));
    const seats = [moved.standing, last ?? moved.standing].map((standing) => ({
      member: memberOf(moved),
      standing,
    }));
    await this.#store.put(seats);
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
