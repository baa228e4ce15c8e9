import {
  type CooldownStore,
  type Key,
  type KeyId,
  type KeyRepository,
  keyNotFound,
  type Service,
} from "../domain/index.ts";
import { memberOf, type Roster } from "./roster.ts";

/** Finds keys in the roster and, where another instance may have added one, in the database. */
export class KeyLookup {
  readonly #roster: Roster;
  readonly #repository: KeyRepository;
  readonly #store: CooldownStore;

  constructor(roster: Roster, repository: KeyRepository, store: CooldownStore) {
    this.#roster = roster;
    this.#repository = repository;
    this.#store = store;
  }

  /** Throws `key_not_found`. */
  async bySecret(service: Service, secret: string): Promise<Key> {
    const key = await this.#bySecret(service, secret);
    if (!key) throw keyNotFound();
    return key;
  }

  /** By secret or, where no key has this secret, by numeric id. Throws `key_not_found`. */
  async byReference(service: Service, reference: string): Promise<Key> {
    const bySecret = await this.#bySecret(service, reference);
    if (bySecret) return bySecret;
    const byId = /^[1-9]\d{0,14}$/.test(reference) ? await this.byId(Number(reference)) : undefined;
    if (byId?.service !== service) throw keyNotFound();
    return byId;
  }

  async byId(id: KeyId): Promise<Key | undefined> {
    return this.#roster.get(id) ?? this.#adopt(await this.#repository.get(id));
  }

  /** Brings one key up to date with the database; undefined when it is gone. */
  async refresh(key: Key): Promise<Key | undefined> {
    const stored = await this.#repository.get(key.id);
    if (!stored) this.#roster.remove(key.id);
    return this.#adopt(stored);
  }

  async #bySecret(service: Service, secret: string): Promise<Key | undefined> {
    return (
      this.#roster.find(service, secret) ?? this.#adopt(await this.#repository.findBySecret(service, secret))
    );
  }

  async #adopt(key: Key | undefined): Promise<Key | undefined> {
    if (!key) return undefined;
    this.#roster.set(key);
    await this.#store.put([{ member: memberOf(key), standing: key.standing }]);
    return key;
  }
}
