import type { Clock, Key, KeyCounts, KeyRepository, Service } from "../../domain/index.ts";

export interface Statistics {
  readonly counts: KeyCounts;
  /** The keys that rest at `at`, by id, read as they are asked for. */
  readonly cooling: AsyncIterable<readonly Key[]>;
  readonly at: number;
}

interface Parts {
  readonly clock: Clock;
  readonly keys: KeyRepository;
}

/** How many keys of a service can be used, rest or are disabled, and which ones rest. */
export class ReadStatistics {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async execute(service: Service): Promise<Statistics> {
    const { clock, keys } = this.#parts;
    const at = clock.now();
    const counts = await keys.count(service, at);
    return { counts, cooling: keys.scan({ service, status: "cooldown" }, at), at };
  }
}
