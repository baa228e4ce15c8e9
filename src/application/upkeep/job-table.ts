import type { Clock } from "../../domain/index.ts";
import type { Access } from "../access/access.ts";
import type { CleanUpAudit } from "../audit/clean-up-audit.ts";
import type { WatchKey } from "../hand-outs/watch-key.ts";
import type { WriteUsage } from "../hand-outs/write-usage.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { CleanUpLogs } from "../logs/clean-up-logs.ts";
import type { RecheckKeys } from "../probes/recheck-keys.ts";
import type { LoadSettings } from "../settings/load-settings.ts";
import type { SettingsInForce } from "../settings/settings-in-force.ts";
import type { FollowNews } from "./follow-news.ts";
import type { Job } from "./job-runner.ts";
import type { WatchHealth } from "./watch-health.ts";

interface Parts {
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly settings: SettingsInForce;
  readonly loadSettings: LoadSettings;
  readonly writeUsage: WriteUsage;
  readonly recheckKeys: RecheckKeys;
  readonly cleanUpLogs: CleanUpLogs;
  readonly watchKey: WatchKey;
  /** Absent where callers are not known by tokens. */
  readonly access: Access | undefined;
  /** Absent where there is no audit. */
  readonly cleanUpAudit: CleanUpAudit | undefined;
  /** Absent where there are no other instances. */
  readonly followNews: FollowNews | undefined;
  /** Absent where nobody is told. */
  readonly watchHealth: WatchHealth | undefined;
  readonly reconcileMs: number;
}

const SECOND_MS = 1_000;
const LOG_WATCH_MS = 5_000;
const HEALTH_WATCH_MS = 5_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a pool does by itself. */
export function jobTable(parts: Parts): readonly Job[] {
  const { clock, keyring, settings, loadSettings, writeUsage, recheckKeys, cleanUpLogs, access, followNews } =
    parts;
  const { cleanUpAudit, watchHealth } = parts;
  const { leases } = keyring;
  const alone: readonly Job[] = [
    { name: "write usage", pauseMs: SECOND_MS, run: () => writeUsage.execute() },
    ...(leases ? [{ name: "look after leases", pauseMs: SECOND_MS, run: () => leases.lookAfter() }] : []),
    { name: "write owed changes", pauseMs: SECOND_MS, run: () => keyring.writeOwed() },
    { name: "re-check keys", pauseMs: MINUTE_MS, run: (stop) => recheckKeys.execute(stop) },
    {
      // Often enough that an hour's rows are removed in seconds; the first waits until the rush of a start is over.
      name: "clean up logs",
      pauseMs: HOUR_MS,
      firstPauseMs: MINUTE_MS,
      run: () => cleanUpLogs.execute(),
      onPlanned: (inMs) => cleanUpLogs.plan(clock.now() + inMs),
    },
    { name: "clean up too many logs", pauseMs: LOG_WATCH_MS, run: () => cleanUpLogs.executeWhenOver() },
    {
      // Also run at a start and whenever the clock is set.
      name: "cut overlong rests",
      pauseMs: MINUTE_MS,
      run: () => keyring.cutOverlongRests(settings.value.cooldownMs),
    },
    ...(access ? [{ name: "write uses of tokens", pauseMs: MINUTE_MS, run: () => access.writeUses() }] : []),
    ...(watchHealth
      ? [{ name: "watch health", pauseMs: HEALTH_WATCH_MS, run: () => watchHealth.execute() }]
      : []),
    ...(cleanUpAudit
      ? [
          {
            name: "clean up the audit",
            pauseMs: DAY_MS,
            firstPauseMs: MINUTE_MS,
            run: () => cleanUpAudit.execute(),
          },
        ]
      : []),
  ];
  if (!followNews) return alone;
  const reconcile = async () => {
    await loadSettings.execute();
    await keyring.reconcile();
  };
  return [
    ...alone,
    { name: "follow the news", pauseMs: SECOND_MS, run: () => followNews.execute() },
    { name: "reconcile with the database", pauseMs: parts.reconcileMs, run: reconcile },
    // Twice, so that however long it takes, a revoked token that no news told of is refused within one interval.
    ...(access
      ? [{ name: "read the tokens again", pauseMs: parts.reconcileMs / 2, run: () => access.load() }]
      : []),
    // News is lost now and then, and reconciling finds nothing while the database is away.
    { name: "look after watched keys", pauseMs: parts.reconcileMs, run: () => parts.watchKey.lookAfterAll() },
  ];
}
