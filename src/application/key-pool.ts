import type {
  Clock,
  CooldownStore,
  HealthIndicator,
  KeyRepository,
  Log,
  News,
  SettingRepository,
  SpeechProbe,
  TranslationProbe,
} from "../domain/index.ts";
import { AddKey } from "./add-key.ts";
import { AnnouncingKeyRepository } from "./announcing-key-repository.ts";
import { AnnouncingSettingRepository } from "./announcing-setting-repository.ts";
import { CheckHealth } from "./check-health.ts";
import { CleanUpLogs } from "./clean-up-logs.ts";
import { CodeEffects } from "./code-effects.ts";
import { CurrentSettings } from "./current-settings.ts";
import { DeleteKey } from "./delete-key.ts";
import { DisableKey } from "./disable-key.ts";
import { EnableKey } from "./enable-key.ts";
import { FollowNews } from "./follow-news.ts";
import { HandOutKey } from "./hand-out-key.ts";
import { ImportKeys } from "./import-keys.ts";
import { KeyDescriptions } from "./key-descriptions.ts";
import { KeyLookup } from "./key-lookup.ts";
import { KeyTurns } from "./key-turns.ts";
import { KeyWrites } from "./key-writes.ts";
import { ListKeys } from "./list-keys.ts";
import { ListLogs } from "./list-logs.ts";
import { ListSettings } from "./list-settings.ts";
import { LoadKeys } from "./load-keys.ts";
import { LoadPool } from "./load-pool.ts";
import { LoadSettings } from "./load-settings.ts";
import { Probes } from "./probes.ts";
import { ReadSetting } from "./read-setting.ts";
import { ReadStatistics } from "./read-statistics.ts";
import { RecheckKeys } from "./recheck-keys.ts";
import { Reconcile } from "./reconcile.ts";
import { ReportCode } from "./report-code.ts";
import { RestoreSetting } from "./restore-setting.ts";
import { Roster } from "./roster.ts";
import { SaveSetting } from "./save-setting.ts";
import { SaveSettings } from "./save-settings.ts";
import { SettingChanges } from "./setting-changes.ts";
import { SettleOwedWrites } from "./settle-owed-writes.ts";
import { Standings } from "./standings.ts";
import { TestKey } from "./test-key.ts";
import { UpdateKey } from "./update-key.ts";
import { UpdateSetting } from "./update-setting.ts";
import { UsageCounters } from "./usage-counters.ts";
import { ValidateImport } from "./validate-import.ts";
import { WriteUsage } from "./write-usage.ts";

/** What the pool needs from outside. */
export interface Ports {
  readonly clock: Clock;
  readonly keys: KeyRepository;
  readonly log: Log;
  readonly settings: SettingRepository;
  readonly cooldowns: CooldownStore;
  /** Tells other instances of what has changed here. Default: there are none. */
  readonly news?: News;
  /** Parts that `checkHealth` asks. Default: none. */
  readonly health?: readonly HealthIndicator[];
  /** Without it, Speech keys cannot be tested. */
  readonly speechProbe?: SpeechProbe;
  /** Without it, Translator keys cannot be tested. */
  readonly translationProbe?: TranslationProbe;
}

export type KeyPool = ReturnType<typeof createKeyPool>;

/**
 * Puts the use cases together over a set of ports. Run `loadKeys` once before anything else, and
 * `writeUsage` and `settleOwedWrites` about once a second, `recheckKeys` about once a minute and `cleanUpLogs`
 * once an hour. Before stopping, run `importKeys.stop`, then `writeUsage` and `settleOwedWrites` once more.
 */
export function createKeyPool(ports: Ports) {
  const { clock, log, cooldowns, news, health = [], speechProbe, translationProbe } = ports;
  const keys = news ? new AnnouncingKeyRepository(ports.keys, news) : ports.keys;
  const settings = news ? new AnnouncingSettingRepository(ports.settings, news) : ports.settings;
  const roster = new Roster();
  const current = new CurrentSettings();
  const counters = new UsageCounters();
  const writes = new KeyWrites();
  const lookup = new KeyLookup(roster, keys, cooldowns, writes);
  const standings = new Standings(cooldowns, keys, roster, lookup, new KeyTurns(), writes);
  const descriptions = new KeyDescriptions(keys, cooldowns, roster, writes);
  const effects = new CodeEffects(standings, current, counters);
  const probes = new Probes(clock, current, speechProbe, translationProbe);
  const loadPool = new LoadPool(keys, cooldowns, roster);
  const loadSettings = new LoadSettings(settings, current);
  const settingChanges = new SettingChanges(clock, settings, current);
  return {
    loadKeys: new LoadKeys(clock, keys, settings, cooldowns, roster, loadSettings),
    followNews: new FollowNews(roster, lookup, loadSettings),
    reconcile: new Reconcile(clock, keys, cooldowns, roster, lookup, writes, loadSettings),
    handOutKey: new HandOutKey(cooldowns, roster, lookup, loadPool, current, counters),
    reportCode: new ReportCode(lookup, effects, log),
    testKey: new TestKey(clock, probes, lookup, effects, log),
    recheckKeys: new RecheckKeys(clock, keys, log, lookup, current, probes, standings),
    addKey: new AddKey(clock, keys, lookup),
    updateKey: new UpdateKey(clock, lookup, descriptions),
    deleteKey: new DeleteKey(clock, lookup, keys, cooldowns, roster, writes),
    enableKey: new EnableKey(lookup, standings),
    disableKey: new DisableKey(lookup, standings),
    importKeys: new ImportKeys(clock, keys, lookup, descriptions, log, probes),
    validateImport: new ValidateImport(roster),
    listKeys: new ListKeys(clock, keys),
    listLogs: new ListLogs(log),
    readStatistics: new ReadStatistics(clock, keys),
    listSettings: new ListSettings(settings),
    readSetting: new ReadSetting(settings),
    saveSetting: new SaveSetting(settingChanges),
    updateSetting: new UpdateSetting(settingChanges),
    saveSettings: new SaveSettings(settingChanges),
    restoreSetting: new RestoreSetting(settingChanges),
    checkHealth: new CheckHealth(health, writes),
    cleanUpLogs: new CleanUpLogs(clock, log, current),
    writeUsage: new WriteUsage(counters, keys),
    settleOwedWrites: new SettleOwedWrites(writes),
  };
}
