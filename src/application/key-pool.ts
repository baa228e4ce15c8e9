import type {
  Announcement,
  Asker,
  Audit,
  AuditDraft,
  AuditHead,
  AuditPage,
  AuditQuery,
  AuditVerdict,
  Chance,
  Clock,
  CooldownStore,
  EventFeed,
  FeedEvent,
  FieldProblem,
  HealthIndicator,
  Key,
  KeyChange,
  KeyFilter,
  KeyId,
  KeyLogDraft,
  KeyPage,
  KeyQuery,
  KeyRepository,
  Lease,
  LeaseStore,
  Log,
  LogPage,
  LogQuery,
  News,
  Pool,
  PoolCounts,
  ReportCount,
  ReportQuery,
  Scheduler,
  Scope,
  Service,
  SettingEntry,
  SettingRepository,
  SpeechProbe,
  TranslationProbe,
  WholePool,
} from "../domain/index.ts";
import { holdsSecretLike } from "../domain/index.ts";
import { Access, type AccessPorts } from "./access/access.ts";
import { ClientBudgets } from "./access/client-budgets.ts";
import { AuditTrail } from "./audit/audit-trail.ts";
import { CleanUpAudit } from "./audit/clean-up-audit.ts";
import { Events } from "./events/events.ts";
import { healthEvent, keyEvent, reportEvent, settingEvent, tokenEvent } from "./events/feed-events.ts";
import { CodeEffects, type CodeOutcome } from "./hand-outs/code-effects.ts";
import { CountedUses } from "./hand-outs/counted-uses.ts";
import { HandOutKey } from "./hand-outs/hand-out-key.ts";
import type { KeyWatch } from "./hand-outs/key-watch.ts";
import { type Report, ReportCode, type TakenReport } from "./hand-outs/report-code.ts";
import { UsageCounters } from "./hand-outs/usage-counters.ts";
import { type Watch, WatchKey } from "./hand-outs/watch-key.ts";
import { WriteUsage } from "./hand-outs/write-usage.ts";
import { type Import, ImportKeys, type ImportOutcome } from "./imports/import-keys.ts";
import type { ImportParts } from "./imports/read-import.ts";
import { type ImportVerdict, ValidateImport } from "./imports/validate-import.ts";
import { Keyring } from "./keyring/keyring.ts";
import type { KeyLease } from "./keyring/leasing.ts";
import type { KeyTurn } from "./keyring/taking-turns.ts";
import { AddKey, type NewKey } from "./keys/add-key.ts";
import { DeleteKey } from "./keys/delete-key.ts";
import { ExportKeys } from "./keys/export-keys.ts";
import { type AllKeys, ListKeys } from "./keys/list-keys.ts";
import { ReadPools } from "./keys/read-pools.ts";
import { ReadStatistics, type Statistics } from "./keys/read-statistics.ts";
import { type Reveal, RevealKey } from "./keys/reveal-key.ts";
import { type SeenKey, ShowKey } from "./keys/show-key.ts";
import { SwitchKey } from "./keys/switch-key.ts";
import { UpdateKey } from "./keys/update-key.ts";
import { LeaseKey, type LeaseRequest } from "./leases/lease-key.ts";
import { type LeaseReleased, ReleaseLease, type ReleaseRequest } from "./leases/release-lease.ts";
import { type RenewalRequest, RenewLease } from "./leases/renew-lease.ts";
import { WaitingCallers } from "./leases/waiting-callers.ts";
import { CleanUpLogs, type Cleanup } from "./logs/clean-up-logs.ts";
import { CountReports } from "./logs/count-reports.ts";
import { ListLogs } from "./logs/list-logs.ts";
import { HandOutCounts } from "./measures/hand-out-counts.ts";
import type { Measures } from "./measures/measures.ts";
import { type ProbeQuestion, type ProbeResult, Probes } from "./probes/probes.ts";
import { RecheckKeys } from "./probes/recheck-keys.ts";
import { type KeyTestOutcome, TestKey } from "./probes/test-key.ts";
import { EditSettings, type SavedSetting, type SettingInput } from "./settings/edit-settings.ts";
import { LoadSettings } from "./settings/load-settings.ts";
import { SettingsInForce } from "./settings/settings-in-force.ts";
import { CheckHealth, type Health } from "./upkeep/check-health.ts";
import { FollowNews } from "./upkeep/follow-news.ts";
import { type Job, JobRunner } from "./upkeep/job-runner.ts";
import { jobTable } from "./upkeep/job-table.ts";
import { TIMER_SCHEDULER } from "./upkeep/timer-scheduler.ts";
import { WatchHealth } from "./upkeep/watch-health.ts";

/** What the pool needs from outside. */
export interface Ports {
  readonly clock: Clock;
  readonly keys: KeyRepository;
  readonly log: Log;
  readonly settings: SettingRepository;
  readonly cooldowns: CooldownStore;
  /** Without it, keys are handed out, and none is leased. */
  readonly leases?: LeasePorts;
  /** Default: the timers of the process. */
  readonly scheduler?: Scheduler;
  /** Connects the instances that share the database and the cooldown store. Default: there are no others. */
  readonly news?: News;
  /** Parts that `checkHealth` asks. Default: none. */
  readonly health?: readonly HealthIndicator[];
  /** Without it, Speech keys cannot be tested. */
  readonly speechProbe?: SpeechProbe;
  /** Without it, Translator keys cannot be tested. */
  readonly translationProbe?: TranslationProbe;
  /** Without it, callers are not told apart: whoever comes in may everything. */
  readonly access?: AccessPorts;
  /** Where what people do is written down. Without it nothing is, and no key can be revealed or exported. */
  readonly audit?: Audit;
  /** Where those who watch are told what happens, on all instances. Without it nobody is. */
  readonly events?: EventFeed;
}

export interface LeasePorts {
  /** `cooldowns` itself, seen from its other side: a lease is a turn. */
  readonly store: LeaseStore;
  /** Makes the ids of leases, which nobody may guess. */
  readonly chance: Chance;
}

/** Something that people who run a pool want to know of. Holds no secret. */
export type PoolEvent =
  /** A change of a key has become durable. `entry` is its log row; null for what is logged as a whole, an import. */
  | { readonly kind: "key-changed"; readonly id: KeyId; readonly entry: KeyLogDraft | null }
  /** A code that somebody reported was taken in; what it did to its key is durable. */
  | { readonly kind: "reported"; readonly report: TakenReport }
  /** Azure was asked about a key, or could not be. */
  | ({ readonly kind: "probed" } & ProbeResult)
  /** A person's act is about to be done, or has failed; its row is durable. */
  | { readonly kind: "audited"; readonly row: AuditDraft & AuditHead }
  /** A client's token would have disabled more keys in an hour than it may; once an hour. `token` is its id. */
  | { readonly kind: "token-disables"; readonly token: string; readonly disables: number }
  /** The cooldown store held a standing that no instance has written, and got the durable one back. */
  | { readonly kind: "store-corrected"; readonly id: KeyId }
  /** The machine's clock was set, by so many milliseconds. */
  | { readonly kind: "clock-stepped"; readonly byMs: number }
  | { readonly kind: "job-done"; readonly job: string; readonly result: unknown }
  | { readonly kind: "job-failed"; readonly job: string; readonly error: unknown };

export interface KeyPoolOptions {
  /** How often all keys are compared with the database where there is `news`, in milliseconds. Default: 5000. */
  readonly reconcileMs?: number;
  /** Jobs to run besides the pool's own, from the start to the stop. Default: none. */
  readonly jobs?: readonly Job[];
  /**
   * Lets its holder in as an admin while no admin's token is in force; at least 32 characters. With `access` only.
   * Default: none.
   */
  readonly adminToken?: string | undefined;
  /** Called with what happens; must not throw. Default: nothing is called. */
  readonly onEvent?: (event: PoolEvent) => void;
}

const DEFAULTS = { reconcileMs: 5_000, jobs: [], onEvent: () => {} } satisfies KeyPoolOptions;

export interface Started {
  /** How many keys there are. */
  readonly keys: number;
  /** Stored settings that are not acceptable; their defaults are in force. */
  readonly badSettings: readonly FieldProblem[];
}

export interface Stopped {
  /** Keys with changes that the storage has refused to the end; their callers were refused. */
  readonly owing: number;
  /** Why the last counters could not be written; undefined when they were. */
  readonly countersFault: unknown;
}

export interface UseCase<Arguments extends readonly unknown[], Result> {
  execute(...args: Arguments): Promise<Result>;
}

/**
 * The pool: everything that can be asked of it. Expected answers are returned as unions; a broken rule rejects
 * with a `DomainError` and its `code`. Any use case that writes may reject with `storage_unavailable`.
 *
 * With a `scope`, a use case knows of the keys in it and of no others: one outside of it is `key_not_found` or not
 * listed, and to put a key outside of it is `forbidden`. Default: all keys.
 *
 * With an `asker`, what is changed is written into the audit first, and is not done where that cannot be written
 * (`storage_unavailable`). Default: nobody, and nothing is written there.
 */
export interface KeyPool {
  /**
   * Subscribes to news, loads settings and keys and begins the jobs. Comes once, before anything else; when it
   * rejects nothing is left running, and it may come again.
   */
  start(): Promise<Started>;
  /**
   * Ends imports, waits for `after` (what still uses the pool, such as a closing server), ends the jobs and writes
   * what is left. Changes no key. Comes once, last; the ports may be closed afterwards.
   */
  stop(after?: Promise<unknown>): Promise<Stopped>;

  /**
   * Answers which key to use now, and counts the use. `invalid_request` for an impossible region; `budget_exhausted`
   * for a client, named by its token's id, that has had its keys for this hour.
   */
  readonly handOutKey: UseCase<[pool: Pool, scope?: Scope, client?: string], KeyTurn>;
  /**
   * Answers which key to use now, and from then on another whenever that one rests, is disabled, moved or deleted, on
   * whichever instance. Each key is a hand-out. `invalid_request`; `budget_exhausted` at the start, and `none` if the
   * budget runs out later. Close it when done.
   */
  readonly watchKey: UseCase<[watch: Watch, scope?: Scope, client?: string], KeyWatch>;
  /**
   * Takes in which code a key got from Azure, and rests or retires it. `invalid_request`, `key_not_found`; for a
   * client, named by its token's id, also `forbidden` when it was not handed the key lately, and `budget_exhausted`.
   */
  readonly reportCode: UseCase<[report: Report, scope?: Scope, client?: string], CodeOutcome>;

  /** Keys for a time, counted as in use until they are returned or have run out. Undefined without `Ports.leases`. */
  readonly leases:
    | {
        /**
         * Answers which key to use now, and never one that is at its limit; waits in turn if asked to. Throws as a
         * hand-out does; rejects with the signal's reason when that was aborted before there was a key to give.
         */
        readonly lease: UseCase<
          [request: LeaseRequest, scope?: Scope, client?: string, signal?: AbortSignal],
          KeyLease
        >;
        /** Lets a lease last longer. `invalid_request`, `lease_not_found`, `budget_exhausted`. */
        readonly renew: UseCase<[request: RenewalRequest, scope?: Scope, client?: string], Lease>;
        /**
         * Takes a lease back, and a report with it. Idempotent: one that has ended before changes nothing. Throws as a
         * report does, and the lease runs on; `lease_not_found`.
         */
        readonly release: UseCase<[request: ReleaseRequest, scope?: Scope, client?: string], LeaseReleased>;
        /** How many leases of each of these keys run, on all instances, in their order. */
        count(keys: readonly Key[]): Promise<readonly number[]>;
      }
    | undefined;

  /** `invalid_request`, `key_exists`. */
  readonly addKey: UseCase<[key: NewKey, scope?: Scope, asker?: Asker], Key>;
  /** Renames, tags, moves or limits a key, named by secret or id. `invalid_request`, `key_not_found`. */
  readonly updateKey: UseCase<
    [service: Service, reference: string, change: KeyChange, scope?: Scope, asker?: Asker],
    Key
  >;
  /** Answers the key that was deleted. `key_not_found`. */
  readonly deleteKey: UseCase<[service: Service, reference: string, scope?: Scope, asker?: Asker], Key>;
  /** Puts a key back into its pool and ends its cooldown. Idempotent. `key_not_found`. */
  readonly enableKey: UseCase<[service: Service, reference: string, scope?: Scope, asker?: Asker], Key>;
  /** Takes a key out of its pool until a person enables it. Idempotent. `key_not_found`. */
  readonly disableKey: UseCase<[service: Service, reference: string, scope?: Scope, asker?: Asker], Key>;
  /** Keys as they are in the database, statuses to be judged at `at`. */
  readonly listKeys: UseCase<[query: KeyQuery, scope?: Scope], KeyPage & { readonly at: number }> & {
    /** Every key that matches, in pages; reading goes on for as long as they are iterated, and no longer. */
    all(filter: KeyFilter, scope?: Scope): AllKeys;
  };
  /** One key as it is in the database, named by secret or id, its status to be judged at `at`. `key_not_found`. */
  readonly showKey: UseCase<[service: Service, reference: string, scope?: Scope], SeenKey>;
  /** Which pools there are, by service and region, and how many of their keys can be used, rest or are disabled. */
  readonly readPools: UseCase<[scope?: Scope], readonly PoolCounts[]>;
  /**
   * Tells a key's secret, once who asks and why is durable. `invalid_request`, `key_not_found`, `budget_exhausted`
   * after ten in a minute. Undefined where there is no audit.
   */
  readonly revealKey: UseCase<[reveal: Reveal], Key> | undefined;
  /** All keys of a service with their secrets, once who asks is durable. Undefined where there is no audit. */
  readonly exportKeys:
    | UseCase<[service: Service, scope: Scope | undefined, asker: Asker], AllKeys>
    | undefined;
  /** How many keys can be used, rest or are disabled. */
  readonly readStatistics: UseCase<[service: Service, scope?: Scope], Statistics>;

  /** Adds many keys. `probe_unavailable` where keys are to be tested and cannot be. */
  readonly importKeys: UseCase<[asked: Import], ImportOutcome>;
  /** Says what would keep rows from being imported, and changes nothing. */
  readonly validateImport: UseCase<[service: Service, parts: ImportParts, scope?: Scope], ImportVerdict>;

  /**
   * Asks Azure whether a key works; for a key of the pool the answer counts as a report. `probe_unavailable`,
   * `busy`; rejects with the signal's reason when it is aborted before Azure has been asked.
   */
  readonly testKey: UseCase<
    [question: ProbeQuestion, signal?: AbortSignal, scope?: Scope, asker?: Asker],
    KeyTestOutcome
  > & {
    /** The same for a key of the pool, named by secret or id. `key_not_found`. */
    ofPool(
      service: Service,
      reference: string,
      question: Pick<ProbeQuestion, "kind">,
      signal?: AbortSignal,
      scope?: Scope,
      asker?: Asker,
    ): Promise<KeyTestOutcome>;
  };

  /** The settings as people see and change them; changes are in force at once, on every instance. */
  readonly settings: {
    /** All entries, by name. */
    list(): Promise<readonly SettingEntry[]>;
    /** `setting_not_found`. */
    read(name: string): Promise<SettingEntry>;
    /** Sets one, new or not. `invalid_request`. */
    save(input: SettingInput, asker?: Asker): Promise<SavedSetting>;
    /** Sets many, all or none. `invalid_request`. */
    saveAll(inputs: readonly SettingInput[], asker?: Asker): Promise<readonly SettingEntry[]>;
    /** Changes one that is there. `setting_not_found`, `invalid_request`. */
    update(input: SettingInput, asker?: Asker): Promise<SettingEntry>;
    /** Gives a known setting its default back and removes any other. `setting_not_found`. */
    restore(name: string, asker?: Asker): Promise<SettingEntry>;
  };

  /** What happened, newest first. */
  readonly listLogs: UseCase<[query: LogQuery, scope?: Scope], LogPage>;
  /** How many codes were reported, by time, class and region; asks for a bounded time. */
  readonly countReports: UseCase<[query: ReportQuery, scope?: Scope], readonly ReportCount[]>;
  /** Removes the log rows that the settings no longer keep; answers how many. */
  readonly cleanUpLogs: UseCase<[asker?: Asker], number> & { readonly status: Cleanup };

  /** What people did. Undefined where it is not written down. */
  readonly audit:
    | {
        /** The last written first. */
        list(query: AuditQuery): Promise<AuditPage>;
        /** Reads all rows and says whether they are as they were written. */
        verify(): Promise<AuditVerdict>;
      }
    | undefined;

  /** Who may come in, and the tokens that say so. Undefined where callers are not told apart. */
  readonly access: Access | undefined;

  /** Tells what happens, on all instances and in one order. Undefined where there is no feed for it. */
  readonly events: Pick<Events, "subscribe" | "open" | "onNews"> | undefined;

  /** Whether a text has a word that is a key of the pool, or looks like one, so that it must not be shown. */
  readonly holdsSecret: (text: string) => boolean;

  /** Says how the parts are: whether keys can be handed out, and what is missing. */
  readonly checkHealth: UseCase<[], Health>;

  /** Numbers for a monitor; asks neither the storage nor the store, and reads no key that does not rest. */
  readonly measure: () => Measures;

  /** What the pool does by itself, for tests and for programs that bring a scheduler of their own. */
  readonly jobs: {
    /** Runs a job of the pool now and rejects with its fault: `write usage`, `reconcile with the database`, … */
    run(name: string): Promise<unknown>;
  };
}

/** Puts the use cases together over a set of ports. */
export function createKeyPool(ports: Ports, options: KeyPoolOptions = {}): KeyPool {
  const { clock, keys, log, settings, cooldowns, news, health = [], scheduler = TIMER_SCHEDULER } = ports;
  const { adminToken } = options;
  const {
    reconcileMs,
    jobs: furtherJobs,
    onEvent,
  }: Required<Omit<KeyPoolOptions, "adminToken">> = {
    ...DEFAULTS,
    ...options,
  };
  const announce = (announcement: Announcement) => {
    news?.publish(announcement).catch(() => {
      // It is one of the messages that may be lost.
    });
  };
  const onFault = (job: string, error: unknown) => onEvent({ kind: "job-failed", job, error });
  const { events: feed } = ports;
  const events = feed && new Events({ feed, onFault: (error) => onFault("tell of events", error) });
  const tell = feed && ((event: FeedEvent | undefined) => event && feed.append(event));
  const inForce = new SettingsInForce();
  const counters = new UsageCounters();
  const counts = new HandOutCounts();
  const waiting = new WaitingCallers(scheduler);
  const onRoom = ({ service, region }: WholePool) => {
    waiting.room({ service, region });
    announce({ kind: "room-made", service, region });
  };
  const keyring = new Keyring({
    clock,
    store: cooldowns,
    leases: ports.leases?.store,
    repository: keys,
    log,
    announce,
    pause: (ms) => new Promise((resolve) => void scheduler.after(ms, resolve)),
    onChange: (change) => {
      onEvent({ kind: "key-changed", id: change.key.id, entry: change.entry });
      tell?.(keyEvent(change));
    },
    onCorrection: (id) => {
      onEvent({ kind: "store-corrected", id });
      watchKey.stir();
    },
    onRestricted: (id, from) => watchKey.noteRestricted(id, from),
    onKnown: (before, after) => watchKey.noteKnown(before, after),
  });
  const { speechProbe, translationProbe } = ports;
  const probes = new Probes({
    ...{ clock, settings: inForce, speechProbe, translationProbe },
    onResult: (result) => onEvent({ kind: "probed", ...result }),
  });
  const effects = new CodeEffects({ keyring, settings: inForce, counters });
  const budgets = new ClientBudgets({
    clock,
    settings: inForce,
    isAlone: news === undefined,
    onOverspent: (token, disables) => onEvent({ kind: "token-disables", token, disables }),
  });
  const uses = new CountedUses({ counters, counts, budgets });
  const handOutKey = new HandOutKey({ keyring, settings: inForce, counts, uses });
  const watchKey = new WatchKey({
    ...{ clock, scheduler, keyring, handOutKey, budgets },
    onFault: (error) => onFault("give watchers a key", error),
  });
  const loadSettings = new LoadSettings({ clock, settings, inForce });
  const { audit } = ports;
  const trail = audit && new AuditTrail({ clock, audit, onRow: (row) => onEvent({ kind: "audited", row }) });
  const access =
    ports.access &&
    new Access({
      ...{ ...ports.access, clock, adminToken, trail },
      onChange: ({ action, token, asker }) => {
        announce({ kind: "tokens-changed" });
        tell?.(tokenEvent(action, token, clock.now(), asker));
      },
    });
  const listKeys = new ListKeys({ clock, keys });
  const importKeys = new ImportKeys({
    ...{ clock, keyring, log, probes, trail },
    onImport: (progress) => tell?.({ kind: "import", at: clock.now(), ...progress }),
  });
  const cleanUpLogs = new CleanUpLogs({ clock, log, settings: inForce, trail });
  const writeUsage = new WriteUsage({ counters, keys });
  const onNewsFault = (error: unknown) => onFault("follow the news", error);
  const onNewsRoom = (pool: WholePool) => waiting.room(pool);
  const followNews =
    news &&
    new FollowNews({
      ...{ news, keyring, loadSettings, access, watchKey },
      onRoom: onNewsRoom,
      onFault: onNewsFault,
    });
  const checkHealth = new CheckHealth({ indicators: health, keyring });
  const table = jobTable({
    clock,
    keyring,
    settings: inForce,
    loadSettings,
    writeUsage,
    recheckKeys: new RecheckKeys({ clock, keys, log, keyring, settings: inForce, probes }),
    cleanUpLogs,
    watchKey,
    access,
    cleanUpAudit: audit && new CleanUpAudit({ clock, audit, settings: inForce }),
    followNews,
    watchHealth:
      tell && new WatchHealth({ checkHealth, onChange: (now) => tell(healthEvent(now, clock.now())) }),
    reconcileMs,
  });
  const jobs = new JobRunner([...table, ...furtherJobs], {
    scheduler,
    onDone: (job, result) => onEvent({ kind: "job-done", job, result }),
    onFault,
  });
  const read = async (): Promise<Started> => {
    const badSettings = await loadSettings.execute();
    await access?.load();
    return { keys: await keyring.fill(), badSettings };
  };
  const reportCode = new ReportCode({
    ...{ clock, keyring, effects, log, budgets },
    onReport: (report) => {
      onEvent({ kind: "reported", report });
      tell?.(reportEvent(report));
    },
  });
  const { leases: leasing } = keyring;
  const chance = ports.leases?.chance;
  const leases = leasing &&
    chance && {
      lease: new LeaseKey({
        ...{ clock, leasing, chance, settings: inForce, counts, uses, waiting, onRoom },
      }),
      renew: new RenewLease({ clock, keyring, leasing, budgets }),
      release: new ReleaseLease({ keyring, leasing, reportCode, onRoom }),
      count: (keys: readonly Key[]) => leasing.count(keys),
    };
  return {
    start: async () => {
      await loadSettings.seed();
      // Before anything is read, so that no change falls between the reading and the listening.
      await followNews?.listen().catch(() => {
        // It is tried again when the jobs begin.
      });
      const started = await read().catch(async (error: unknown) => {
        await followNews?.stop().catch(onNewsFault);
        throw error;
      });
      clock.onStep?.((byMs) => {
        onEvent({ kind: "clock-stepped", byMs });
        void jobs.trigger("cut overlong rests");
      });
      await jobs.trigger("cut overlong rests");
      if (followNews) await jobs.trigger("follow the news");
      jobs.start();
      return started;
    },
    stop: async (after) => {
      waiting.stop();
      await importKeys.stop();
      // Those who listen may be what `after` waits for.
      watchKey.end();
      await events?.end();
      // Whatever becomes of it, what is left has to be written.
      await Promise.allSettled([after]);
      // From here on none begins, so that nobody subscribes again.
      const ended = jobs.stop();
      await followNews?.stop().catch(onNewsFault);
      await ended;
      const countersFault = await writeUsage.execute().then(
        () => undefined,
        (error: unknown) => error,
      );
      await access?.writeUses().catch((error: unknown) => onFault("write uses of tokens", error));
      return { owing: await keyring.writeOwed(), countersFault };
    },
    handOutKey,
    watchKey,
    reportCode,
    leases,
    addKey: new AddKey({ clock, keyring, trail }),
    updateKey: new UpdateKey({ clock, keyring, trail }),
    deleteKey: new DeleteKey({ clock, keyring, trail }),
    enableKey: new SwitchKey({ keyring, to: "enable", trail }),
    disableKey: new SwitchKey({ keyring, to: "disable", trail }),
    listKeys,
    revealKey: trail && new RevealKey({ clock, keyring, trail }),
    exportKeys: trail && new ExportKeys({ listKeys, trail }),
    showKey: new ShowKey({ clock, keyring, keys }),
    readPools: new ReadPools({ clock, keys }),
    readStatistics: new ReadStatistics({ clock, keys }),
    importKeys,
    validateImport: new ValidateImport(keyring),
    testKey: new TestKey({ clock, probes, keyring, effects, log, trail }),
    settings: new EditSettings({
      ...{ clock, settings, inForce, keyring, trail },
      onChange: (changes, asker) => {
        announce({ kind: "settings-changed" });
        for (const change of changes) tell?.(settingEvent(change, clock.now(), asker));
      },
    }),
    listLogs: new ListLogs(log),
    countReports: new CountReports(log),
    cleanUpLogs,
    audit: audit && { list: (query) => audit.list(query), verify: () => audit.verify() },
    access,
    holdsSecret: (text) =>
      holdsSecretLike(text) || keyring.maskSecrets(text) !== text || access?.isToken(text) === true,
    events,
    checkHealth,
    measure: () => ({
      keys: keyring.countPlaces(clock.now()),
      handOuts: counts.read(),
      watchers: watchKey.count(),
      leases: leasing?.countPlaces() ?? [],
      waiting: waiting.count,
      owing: keyring.owing,
    }),
    jobs: { run: (name) => jobs.run(name) },
  };
}
