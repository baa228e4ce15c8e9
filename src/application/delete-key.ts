import {
  type Clock,
  type CooldownStore,
  type Key,
  type KeyRepository,
  keyNotFound,
  type Service,
} from "../domain/index.ts";
import type { KeyLookup } from "./key-lookup.ts";
import type { KeyWrites } from "./key-writes.ts";
import { keyEntry } from "./log-drafts.ts";
import { memberOf, type Roster } from "./roster.ts";

/** Takes a key out of its pool and out of the database; its log rows stay. */
export class DeleteKey {
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

  /** Answers the key that was deleted. Throws `key_not_found`, `storage_unavailable`. */
  async execute(service: Service, reference: string): Promise<Key> {
    const key = await this.#lookup.byReference(service, reference);
    const entry = keyEntry(key, "delete_key", this.#clock.now());
    await this.#store.leave(memberOf(key));
    await this.#writes.writeOrOwe(key.id, async () => {
      // The key may have moved, or been deleted by somebody else, while this write waited.
      const last = this.#roster.get(key.id);
      if (!last) throw keyNotFound();
      await this.#store.leave(memberOf(last));
      await this.#repository.remove(key.id, entry);
      this.#roster.remove(key.id);
      await this.#store.drop(memberOf(last));
    });
    return key;
  }
}
