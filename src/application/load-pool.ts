import type { CooldownStore, Key, KeyRepository, Service } from "../domain/index.ts";
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
    const seats = keys
      .map((key) => {
        this.#roster.adopt(key);
        // Another instance may have restricted it and the news of that been lost.
        this.#roster.confirm(key.id, key.standing);
        return this.#roster.get(key.id);
      })
      .filter((key) => key?.region === region)
      .map((key) => ({ member: memberOf(key as Key), standing: (key as Key).standing }));
    await this.#store.load(service, region, seats);
  }
}
