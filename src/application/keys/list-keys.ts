import {
  type Clock,
  compareListed,
  type Key,
  type KeyFilter,
  type KeyPage,
  type KeyQuery,
  type KeyReader,
  type Scope,
  type Usage,
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
  readonly keys: KeyReader;
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
  async #listWithin(scope: Scope, query: KeyQuery, at: number): Promise<KeyPage> {
    const { offset = 0, limit, sort, ...filter } = query;
    if (sort) return this.#sortWithin(scope, query, at);
    const end = limit === undefined ? Number.POSITIVE_INFINITY : offset + limit;
    const page: (Key & Usage)[] = [];
    let total = 0;
    for await (const keys of onlyWithin(scope, this.#parts.keys.scan(narrowed(filter, scope), at))) {
      page.push(...keys.slice(Math.max(0, offset - total), Math.max(0, end - total)));
      total += keys.length;
    }
    return { keys: page, total };
  }

  /** The same in another order than that of the ids: no more keys are held than twice what is asked for. */
  async #sortWithin(scope: Scope, query: KeyQuery, at: number): Promise<KeyPage> {
    const { offset = 0, limit, sort = { by: "id", descending: false }, ...filter } = query;
    const end = limit === undefined ? Number.POSITIVE_INFINITY : offset + limit;
    let first: (Key & Usage)[] = [];
    let total = 0;
    const settle = () => {
      first = first.sort(compareListed(sort)).slice(0, end);
    };
    for await (const keys of onlyWithin(scope, this.#parts.keys.scan(narrowed(filter, scope), at))) {
      first.push(...keys);
      total += keys.length;
      if (first.length > 2 * end + 1000) settle();
    }
    settle();
    return { keys: first.slice(offset), total };
  }
}
