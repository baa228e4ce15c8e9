import type { CooldownStore, KeyRepository, Service } from "../domain/index.ts";
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
    const { repository, roster } = { repository: this.#repository, roster: this.#roster };
    await this.#store.load({ service, region }, async function* () {
      for await (const keys of repository.loadPool(service, region)) {
        yield keys.flatMap((stored) => {
          roster.adopt(stored);
          // Other instances write to the database before this one hears of it.
          roster.confirm(stored.id, stored.standing);
          const key = roster.get(stored.id);
          return key?.region === region ? [{ member: memberOf(key), standing: key.standing }] : [];
        });
      }
    });
  }
}
