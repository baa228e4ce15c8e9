import type { Logger } from "pino";
import type { KeyPool } from "../application/index.ts";
import type { Announcement, Clock } from "../domain/index.ts";
import type { BackgroundJobs } from "./background-jobs.ts";
import type { SharedCooldowns } from "./cooldowns.ts";

const WRITE_PAUSE_MS = 1000;
const RECOVER_PAUSE_MS = 1000;
const RECHECK_PAUSE_MS = 60_000;
// Often enough that an hour's rows are removed in seconds; the first waits until the rush of a start is over.
const CLEANUP_PAUSE_MS = 3_600_000;
const FIRST_CLEANUP_MS = 60_000;

/** What has to be done again and again while the pool is served. */
export function planJobs(jobs: BackgroundJobs, pool: KeyPool, clock: Clock, logger: Logger): void {
  jobs.every(WRITE_PAUSE_MS, "write usage", () => pool.writeUsage.execute());
  jobs.every(WRITE_PAUSE_MS, "settle owed writes", () => pool.settleOwedWrites.execute());
  jobs.every(RECHECK_PAUSE_MS, "re-check keys", async (stop) => {
    const enabled = await pool.recheckKeys.execute(stop);
    if (enabled > 0) logger.info({ keys: enabled }, "re-checked keys work again");
  });
  const cleanUp = async () => {
    try {
      const rows = await pool.cleanUpLogs.execute();
      if (rows > 0) logger.info({ rows }, "log rows removed");
    } finally {
      pool.cleanUpLogs.plan(clock.now() + CLEANUP_PAUSE_MS);
    }
  };
  pool.cleanUpLogs.plan(clock.now() + FIRST_CLEANUP_MS);
  jobs.every(CLEANUP_PAUSE_MS, "clean up logs", cleanUp, FIRST_CLEANUP_MS);
}

/** What is to be done besides where several instances share one pool. */
export function planSharing(
  jobs: BackgroundJobs,
  pool: KeyPool,
  shared: SharedCooldowns,
  reconcileMs: number,
  logger: Logger,
): void {
  let followed: Promise<void> = Promise.resolve();
  const follow = (announcement: Announcement) => {
    // One after the other: a burst must not become as many reads at once.
    followed = followed
      .then(() => pool.followNews.execute(announcement))
      .catch((error: unknown) => logger.warn({ err: error }, "could not follow the news"));
  };
  jobs.every(RECOVER_PAUSE_MS, "recover the shared store", () => shared.recover(follow), 0);
  jobs.every(reconcileMs, "reconcile with the database", () => pool.reconcile.execute());
}
