import {
  type CooldownStore,
  DomainError,
  type Key,
  type KeyDescription,
  type KeyId,
  type KeyRepository,
  keyNotFound,
  type LogDraft,
  merge,
  refuseSecretIn,
  type Standing,
} from "../domain/index.ts";
import type { KeyWrites } from "./key-writes.ts";
import { memberOf, type Roster } from "./roster.ts";

/** What a change is logged with; null for changes that are logged together. */
type EntryOf = ((key: Key) => LogDraft) | null;

/** Renames keys, or moves them to other pools, their standings with them. */
export class KeyDescriptions {
  readonly #repository: KeyRepository;
  readonly #store: CooldownStore;
  readonly #roster: Roster;
  readonly #writes: KeyWrites;

  constructor(repository: KeyRepository, store: CooldownStore, roster: Roster, writes: KeyWrites) {
    this.#repository = repository;
    this.#store = store;
    this.#roster = roster;
    this.#writes = writes;
  }

  /** Throws `invalid_request`, `key_not_found`, `storage_unavailable`. */
  async change(key: Key, changes: Partial<KeyDescription>, entryOf: EntryOf): Promise<Key> {
    refuseSecretIn(changes, key.secret);
    const write = () => this.#write(key.id, changes, entryOf);
    if (changes.region === undefined && changes.tag === undefined) return this.#writes.write(key.id, write);
    await this.#withdraw(this.#current(key.id), changes);
    return this.#writes.writeOrOwe(key.id, write);
  }

  /** Leaving a queue restricts and comes before the commit. */
  async #withdraw(key: Key, { region, tag }: Partial<KeyDescription>): Promise<void> {
    if (region !== undefined && region !== key.region) await this.#store.leave(memberOf(key));
    else if (tag !== undefined && tag !== key.tag) await this.#untag(key);
  }

  async #untag(key: Key): Promise<void> {
    await this.#store.leave(memberOf(key), "tag");
  }

  async #write(id: KeyId, changes: Partial<KeyDescription>, entryOf: EntryOf): Promise<Key> {
    for (;;) {
      const before = this.#current(id);
      await this.#withdraw(before, changes);
      const entry = entryOf ? entryOf({ ...before, ...changes }) : null;
      const updated = await this.#repository.describe(id, changes, entry, before.region);
      if (!updated) {
        // Another instance has moved it and has not told yet: nothing was done, and the place was the wrong one.
        await this.#followMove(before);
        continue;
      }
      // From here on reports find the key in its new pool; what the old one learned last comes along.
      this.#roster.set(updated);
      const moved = updated.region !== before.region;
      const last = moved ? await this.#store.drop(memberOf(before)) : undefined;
      if (moved || updated.tag !== before.tag) {
        await this.#seat(updated, merge(updated.standing, last ?? updated.standing));
        // What was committed is not refused for this: if it fails, reconciling makes up for it.
        await this.#followMove(updated).catch(ifStorageFault);
      }
      return updated;
    }
  }

  /** Takes a key out of a pool that another instance has moved it from, or deleted it in, meanwhile. */
  async #followMove(known: Key): Promise<void> {
    const stored = await this.#repository.get(known.id);
    if (stored?.region === known.region) return;
    if (stored) this.#roster.set(stored);
    else this.#roster.remove(known.id);
    const last = await this.#store.drop(memberOf(known));
    if (stored && last) await this.#store.follow([{ member: memberOf(stored), standing: last }]);
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
}

function ifStorageFault(error: unknown): void {
  if (!(error instanceof DomainError)) throw error;
}
