import type { Clock, Key, KeyCounts, KeyRepository, Service } from "../../domain/index.ts";

export interface Statistics {
  readonly counts: KeyCounts;
  /** The keys that rest at `at`, by id, read as they are asked for. */
  readonly cooling: AsyncIterable<readonly Key[]>;
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
    const counts = await this.#repository.count(service, at);
    return { counts, cooling: this.#repository.scan({ service, status: "cooldown" }, at), at };
  }
}
