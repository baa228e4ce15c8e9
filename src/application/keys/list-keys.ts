import type { Clock, Key, KeyFilter, KeyPage, KeyQuery, KeyRepository, Usage } from "../../domain/index.ts";

export interface AllKeys {
  /** By id, read from the database as they are asked for. */
  readonly pages: AsyncIterable<readonly (Key & Usage)[]>;
  /** The instant at which statuses are to be judged. */
  readonly at: number;
}

interface Parts {
  readonly clock: Clock;
  readonly keys: KeyRepository;
}

/** Keys as they are stored in the database. */
export class ListKeys {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `at` is the instant at which statuses are to be judged. */
  async execute(query: KeyQuery): Promise<KeyPage & { readonly at: number }> {
    const { clock, keys } = this.#parts;
    const at = clock.now();
    return { ...(await keys.list(query, at)), at };
  }

  /** Every key that matches. Reading them goes on for as long as the pages are iterated, and no longer. */
  all(filter: KeyFilter): AllKeys {
    const { clock, keys } = this.#parts;
    const at = clock.now();
    return { pages: keys.scan(filter, at), at };
  }
}
