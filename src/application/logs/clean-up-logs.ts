import type { Asker, Clock, Log } from "../../domain/index.ts";
import { type AuditTrail, audited } from "../audit/audit-trail.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";

export interface Cleanup {
  /** Whether a run is under way. */
  readonly running: boolean;
  /** When the last one ended; null before the first. */
  readonly lastRunAt: number | null;
  /** How many rows the last one removed. */
  readonly rowsRemoved: number;
  /** When the next one is planned; null when none is planned. */
  readonly nextRunAt: number | null;
  /** 0 keeps rows whatever their age. */
  readonly logRetentionDays: number;
  /** 0 keeps rows whatever their number. */
  readonly logMaxRows: number;
}

const DAY_MS = 86_400_000;

/** Rows asked for at a time. The log writes them in smaller steps, between which others get a turn. */
const BATCH = 10_000;

interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: SettingsInForce;
  readonly trail: AuditTrail | undefined;
}

/** Removes the log rows that the settings no longer keep. */
export class CleanUpLogs {
  readonly #parts: Parts;
  #running: Promise<number> | undefined;
  #lastRunAt: number | null = null;
  #rowsRemoved = 0;
  #nextRunAt: number | null = null;
  #surplusLeft = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get status(): Cleanup {
    const { logRetentionDays, logMaxRows } = this.#parts.settings.value;
    return {
      running: this.#running !== undefined,
      lastRunAt: this.#lastRunAt,
      rowsRemoved: this.#rowsRemoved,
      nextRunAt: this.#nextRunAt,
      logRetentionDays,
      logMaxRows,
    };
  }

  /** Notes when it will be run next, for the status. */
  plan(nextRunAt: number): void {
    this.#nextRunAt = nextRunAt;
  }

  /** Answers how many rows are gone. Concurrent calls share one run. Throws `storage_unavailable`. */
  execute(asker?: Asker): Promise<number> {
    const { logRetentionDays, logMaxRows } = this.#parts.settings.value;
    const after = { logRetentionDays, logMaxRows };
    const deed = { act: "clean_up_logs", subject: "logs", after } as const;
    return audited(this.#parts.trail, asker, deed, () => this.#run());
  }

  #run(): Promise<number> {
    this.#running ??= this.#cleanUp().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /**
   * The same when there are a tenth more rows than are kept: reports can bring a day's rows in minutes. Answers 0
   * when there are not.
   */
  async executeWhenOver(): Promise<number> {
    const { logMaxRows } = this.#parts.settings.value;
    if (logMaxRows === 0) return 0;
    const surplus = async () => Math.max(0, (await this.#parts.log.atMost()) - logMaxRows);
    if ((await surplus()) - this.#surplusLeft <= logMaxRows / 10) return 0;
    const removed = await this.execute();
    // A log that only knows an upper bound may go on saying more than there are.
    this.#surplusLeft = await surplus();
    return removed;
  }

  async #cleanUp(): Promise<number> {
    let removed = 0;
    try {
      for (;;) {
        const count = await this.#parts.log.prune(this.#retention(), BATCH);
        removed += count;
        if (count < BATCH) return removed;
      }
    } finally {
      this.#lastRunAt = this.#parts.clock.now();
      this.#rowsRemoved = removed;
    }
  }

  #retention(): Parameters<Log["prune"]>[0] {
    const { logRetentionDays: days, logMaxRows } = this.#parts.settings.value;
    return {
      ...(days > 0 && { before: this.#parts.clock.now() - days * DAY_MS }),
      ...(logMaxRows > 0 && { keepRows: logMaxRows }),
    };
  }
}
