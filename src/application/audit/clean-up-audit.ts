import type { Audit, Clock } from "../../domain/index.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";

const DAY_MS = 86_400_000;
const BATCH = 500;

interface Parts {
  readonly clock: Clock;
  readonly audit: Audit;
  readonly settings: SettingsInForce;
}

/** Removes the rows of the audit that the settings no longer keep. */
export class CleanUpAudit {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Answers how many rows are gone. Throws `storage_unavailable`. */
  async execute(): Promise<number> {
    const { clock, audit, settings } = this.#parts;
    const days = settings.value.auditRetentionDays;
    if (days === 0) return 0;
    let removed = 0;
    for (;;) {
      const now = clock.now();
      const count = await audit.prune(now - days * DAY_MS, BATCH, now);
      removed += count;
      if (count < BATCH) return removed;
    }
  }
}
