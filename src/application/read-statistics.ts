import type { Clock, Key, KeyCounts, KeyRepository, Service } from "../domain/index.ts";

export interface Statistics {
  readonly counts: KeyCounts;
  /** The keys that rest at `at`, by id. */
  readonly cooling: readonly Key[];
  readonly at: number;
}

/** How many keys of a service can be used, rest or are disabled, and which ones rest. */
export class ReadStatistics {
  readonly #clock: Clock;
  readonly #repository: KeyRepository;

  constructor(clock: Clock, repository: KeyRepository) {
    this.#clock = clock;
    this.#repository = repository;
  }

  async execute(service: Service): Promise<Statistics> {
    const at = this.#clock.now();
    const [counts, cooling] = await Promise.all([
      this.#repository.count(service, at),
      this.#repository.list({ service, status: "cooldown" }, at),
    ]);
    return { counts, cooling: cooling.keys, at };
  }
}
