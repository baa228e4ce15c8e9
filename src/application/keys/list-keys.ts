import type {
  Clock,
  Key,
  KeyFilter,
  KeyPage,
  KeyQuery,
  KeyRepository,
  Scope,
  Usage,
} from "../../domain/index.ts";
import { narrowed, onlyWithin } from "../access/in-scope.ts";

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
  async execute(query: KeyQuery, scope?: Scope): Promise<KeyPage & { readonly at: number }> {
    const { clock, keys } = this.#parts;
    const at = clock.now();
    if (scope !== undefined) return { ...(await this.#listWithin(scope, query, at)), at };
    return { ...(await keys.list(query, at)), at };
  }

  /** Every key that matches. Reading them goes on for as long as the pages are iterated, and no longer. */
  all(filter: KeyFilter, scope?: Scope): AllKeys {
    const { clock, keys } = this.#parts;
    const at = clock.now();
    if (scope === undefined) return { pages: keys.scan(filter, at), at };
    return { pages: onlyWithin(scope, keys.scan(narrowed(filter, scope), at)), at };
  }

  /** Read through, for storage knows one region and tag at a time. */
  async #listWithin(scope: Scope, { offset = 0, limit, ...filter }: KeyQuery, at: number): Promise<KeyPage> {
    const end = limit === undefined ? Number.POSITIVE_INFINITY : offset + limit;
    const page: (Key & Usage)[] = [];
    let total = 0;
    for await (const keys of onlyWithin(scope, this.#parts.keys.scan(narrowed(filter, scope), at))) {
      page.push(...keys.slice(Math.max(0, offset - total), Math.max(0, end - total)));
      total += keys.length;
    }
    return { keys: page, total };
  }
}
