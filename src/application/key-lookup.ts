import {
  type CooldownStore,
  type Key,
  type KeyId,
  type KeyRepository,
  keyNotFound,
  type Service,
} from "../domain/index.ts";
import type { KeyWrites } from "./key-writes.ts";
import { memberOf, type Roster } from "./roster.ts";

/** Finds keys in the roster and, where another instance may have added one, in the database. */
export class KeyLookup {
  readonly #roster: Roster;
  readonly #repository: KeyRepository;
  readonly #store: CooldownStore;
  readonly #writes: KeyWrites;

  constructor(roster: Roster, repository: KeyRepository, store: CooldownStore, writes: KeyWrites) {
    this.#roster = roster;
    this.#repository = repository;
    this.#store = store;
    this.#writes = writes;
  }

  /** By secret; undefined when no key of the service has it. */
  async find(service: Service, secret: string): Promise<Key | undefined> {
    return (
      this.#roster.find(service, secret) ?? this.adopt(await this.#repository.findBySecret(service, secret))
    );
  }

  /** Throws `key_not_found`. */
  async bySecret(service: Service, secret: string): Promise<Key> {
    const key = await this.find(service, secret);
    if (!key) throw keyNotFound();
    return key;
  }

  /** By secret or, where no key has this secret, by numeric id. Throws `key_not_found`. */
  async byReference(service: Service, reference: string): Promise<Key> {
    const bySecret = await this.find(service, reference);
    if (bySecret) return bySecret;
    const byId = /^[1-9]\d{0,14}$/.test(reference) ? await this.byId(Number(reference)) : undefined;
    if (byId?.service !== service) throw keyNotFound();
    return byId;
  }

  async byId(id: KeyId): Promise<Key | undefined> {
    return this.#roster.get(id) ?? this.adopt(await this.#repository.get(id));
  }

  /** Brings a key up to date with what others have changed; one that this process is changing is left alone. */
  async catchUp(key: Key): Promise<void> {
    if (this.#writes.busy(key.id)) return;
    const stored = await this.#repository.get(key.id);
    // A key that is being moved or deleted is out of its queues and must stay out.
    if (!this.#writes.busy(key.id)) await this.#take(key, stored);
  }

  /** Brings a key up to date with the database, even in the midst of a change. */
  async refresh(key: Key): Promise<void> {
    await this.#take(key, await this.#repository.get(key.id));
  }

  async #take(key: Key, stored: Key | undefined): Promise<void> {
    // What this process has changed meanwhile is newer.
    if (this.#roster.get(key.id) !== key) return;
    if (!stored) {
      this.#roster.remove(key.id);
      await this.#store.drop(memberOf(key));
      return;
    }
    this.#roster.set(stored);
    if (stored.region !== key.region) await this.#store.leave(memberOf(key));
    await this.#store.put([{ member: memberOf(stored), standing: stored.standing }]);
  }

  /** Lets a key from the database join its pool, unless this process knows better. */
  async adopt(stored: Key | undefined): Promise<Key | undefined> {
    const key = stored && this.#roster.adopt(stored);
    if (key && key === stored) await this.#store.put([{ member: memberOf(key), standing: key.standing }]);
    return key;
  }

  /** Lets many keys join their pools, in the order given. */
  async adoptAll(stored: readonly Key[]): Promise<void> {
    const fresh = stored.filter((key) => this.#roster.adopt(key) === key);
    if (fresh.length === 0) return;
    await this.#store.put(fresh.map((key) => ({ member: memberOf(key), standing: key.standing })));
  }
}
