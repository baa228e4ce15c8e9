import type { Clock, Log } from "../domain/index.ts";
import type { CurrentSettings } from "./current-settings.ts";

export interface Cleanup {
  /** Whether one is under way. */
  readonly running: boolean;
  /** When the last one ended; null before the first. */
  readonly lastRunAt: number | null;
  /** How many rows the last one removed. */
  readonly rowsRemoved: number;
  /** When the next one is planned; null when nobody plans any. */
  readonly nextRunAt: number | null;
  /** 0 keeps rows whatever their age. */
  readonly logRetentionDays: number;
  /** 0 keeps rows whatever their number. */
  readonly logMaxRows: number;
}

const DAY_MS = 86_400_000;

/** Rows asked for at a time. The log writes them in smaller steps, between which everybody gets a turn. */
const BATCH = 10_000;

/** Removes the log rows that the settings no longer keep. Run it about once an hour. */
export class CleanUpLogs {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #settings: CurrentSettings;
  #running: Promise<number> | undefined;
  #lastRunAt: number | null = null;
  #rowsRemoved = 0;
  #nextRunAt: number | null = null;

  constructor(clock: Clock, log: Log, settings: CurrentSettings) {
    this.#clock = clock;
    this.#log = log;
    this.#settings = settings;
  }

  get status(): Cleanup {
    const { logRetentionDays, logMaxRows } = this.#settings.value;
    return {
      running: this.#running !== undefined,
      lastRunAt: this.#lastRunAt,
      rowsRemoved: this.#rowsRemoved,
      nextRunAt: this.#nextRunAt,
      logRetentionDays,
      logMaxRows,
    };
  }

  /** Takes note of when it will be run next, for those who ask. */
  plan(nextRunAt: number): void {
    this.#nextRunAt = nextRunAt;
  }

  /** Answers how many rows are gone. Who comes while one is under way shares it. Throws `storage_unavailable`. */
  execute(): Promise<number> {
    this.#running ??= this.#cleanUp().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #cleanUp(): Promise<number> {
    let removed = 0;
    try {
      for (;;) {
        const count = await this.#log.prune(this.#retention(), BATCH);
        removed += count;
        if (count < BATCH) return removed;
      }
    } finally {
      this.#lastRunAt = this.#clock.now();
      this.#rowsRemoved = removed;
    }
  }

  #retention(): Parameters<Log["prune"]>[0] {
    const { logRetentionDays: days, logMaxRows } = this.#settings.value;
    return {
      ...(days > 0 && { before: this.#clock.now() - days * DAY_MS }),
      ...(logMaxRows > 0 && { keepRows: logMaxRows }),
    };
  }
}
