import type { Clock, Key, KeyFilter, KeyPage, KeyQuery, KeyRepository, Usage } from "../../domain/index.ts";

export interface AllKeys {
  /** By id, read from the database as they are asked for. */
  readonly pages: AsyncIterable<readonly (Key & Usage)[]>;
  /** The instant at which statuses are to be judged. */
  readonly at: number;
}

/** Keys as they are stored in the database. */
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

  /** Every key that matches. Reading them goes on for as long as the pages are iterated, and no longer. */
  all(filter: KeyFilter): AllKeys {
    const at = this.#clock.now();
    return { pages: this.#repository.scan(filter, at), at };
  }
}
