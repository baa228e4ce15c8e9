import type { Clock, KeyPage, KeyQuery, KeyRepository } from "../domain/index.ts";

/** Keys as they stand in the database. */
export class ListKeys {
  readonly #clock: Clock;
  readonly #repository: KeyRepository;

  constructor(clock: Clock, repository: KeyRepository) {
    this.#clock = clock;
    this.#repository = repository;
  }

  /** `at` is the instant at which statuses are to be judged. */
  async execute(query: KeyQuery): Promise<KeyPage & { readonly at: number }> {
    const at = this.#clock.now();
    return { ...(await this.#repository.list(query, at)), at };
  }
}
