import { type CooldownStore, type KeyRepository, merge, type Service } from "../domain/index.ts";
import { memberOf, type Roster } from "./roster.ts";

/** Fills a pool that the cooldown store does not know from the database. */
export class LoadPool {
  readonly #repository: KeyRepository;
  readonly #store: CooldownStore;
  readonly #roster: Roster;

  constructor(repository: KeyRepository, store: CooldownStore, roster: Roster) {
    this.#repository = repository;
    this.#store = store;
    this.#roster = roster;
  }

  async execute(service: Service, region: string): Promise<void> {
    const keys = await this.#repository.loadPool(service, region);
    const seats = keys.flatMap((stored) => {
      const key = this.#roster.adopt(stored);
      if (key?.region !== region) return [];
      // Either may be the newer one: other instances write to the database before this one hears of it.
      return [{ member: memberOf(key), standing: merge(key.standing, stored.standing) }];
    });
    await this.#store.load(service, region, seats);
  }
}
