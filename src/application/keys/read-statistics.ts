import {
  type Clock,
  type Key,
  type KeyCounts,
  type KeyReader,
  type Scope,
  type Service,
  statusAt,
} from "../../domain/index.ts";
import { narrowed, onlyWithin } from "../access/in-scope.ts";

export interface Statistics {
  readonly counts: KeyCounts;
  /** The keys that rest at `at`, by id, read as they are asked for. */
  readonly cooling: AsyncIterable<readonly Key[]>;
  readonly at: number;
}

interface Parts {
  readonly clock: Clock;
  readonly keys: KeyReader;
}

/** How many keys of a service can be used, rest or are disabled, and which ones rest. */
export class ReadStatistics {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async execute(service: Service, scope?: Scope): Promise<Statistics> {
    const { clock, keys } = this.#parts;
    const at = clock.now();
    const resting = { service, status: "cooldown" } as const;
    if (scope === undefined) {
      return { counts: await keys.count(service, at), cooling: keys.scan(resting, at), at };
    }
    const cooling = onlyWithin(scope, keys.scan(narrowed(resting, scope), at));
    return { counts: await this.#countWithin(scope, service, at), cooling, at };
  }

  async #countWithin(scope: Scope, service: Service, at: number): Promise<KeyCounts> {
    const counts = { enabled: 0, cooldown: 0, disabled: 0 };
    for await (const keys of onlyWithin(scope, this.#parts.keys.scan(narrowed({ service }, scope), at))) {
      for (const { standing } of keys) counts[statusAt(standing, at)] += 1;
    }
    return counts;
  }
}
