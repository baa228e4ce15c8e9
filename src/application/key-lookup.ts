import {
  type CooldownStore,
  DomainError,
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
    // What this process changes is newer than what it has read, and so is what it has changed meanwhile.
    if (this.#writes.busy(key.id) || this.#roster.get(key.id) !== key) return;
    if (!stored) return this.#forget(key);
    this.#roster.set(stored);
    await this.#follow(stored);
  }

  /** The same where the database can be reached; otherwise things go on by what is known here. */
  async tryToCatchUp(key: Key): Promise<void> {
    try {
      await this.catchUp(key);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  }

  /**
   * Brings a key that the store does not hold where it should be up to date with the database. As a rule
   * whoever added or moved it is about to seat it; `seat` does so in the place of one that has stopped.
   */
  async refresh(key: Key, seat: boolean): Promise<void> {
    const stored = await this.#repository.get(key.id);
    if (this.#roster.get(key.id) !== key) return;
    if (!stored) return this.#forget(key);
    this.#roster.set(stored);
    if (!seat) return this.#follow(stored);
    await this.#store.put([{ member: memberOf(stored), standing: stored.standing }]);
    // Another process may have moved or deleted it, and told the store so, while it was being put.
    const now = await this.#repository.get(key.id);
    if (!now) await this.#forget(stored);
    else if (now.region !== stored.region) await this.#store.drop(memberOf(stored));
  }

  async #forget(key: Key): Promise<void> {
    this.#roster.remove(key.id);
    await this.#store.drop(memberOf(key));
  }

  async #follow(key: Key): Promise<void> {
    await this.#store.follow([{ member: memberOf(key), standing: key.standing }]);
  }

  /** Gets to know a key that another process has added to its pool, unless this process knows better. */
  async adopt(stored: Key | undefined): Promise<Key | undefined> {
    const key = stored && this.#roster.adopt(stored);
    if (key && key === stored) await this.#follow(key);
    return key;
  }

  /** Lets keys that this process has added join their pools, in the order given. */
  async seat(added: readonly Key[]): Promise<void> {
    // Somebody may have found one in the database before this, and changed or removed it.
    const known = added.flatMap((key) => this.#roster.adopt(key) ?? []);
    await this.#store.put(known.map((key) => ({ member: memberOf(key), standing: key.standing })));
  }
}
