import type { CoolingPool, HandedOutKey } from "../http/keys/key-answers.ts";
import type { GivenLease } from "../http/leases/lease-answers.ts";
import type {
  KeyTestVerdict,
  RecognitionTest,
  SynthesisTest,
  TranslationTest,
} from "../http/probes/probe-answers.ts";
import type { ImportFindings } from "../http/uploads/upload-answers.ts";

// The API's own answers, so that its documentation holds here too. Times are ISO 8601 in UTC.
export type { OpenApiDocument } from "../http/docs/docs-answers.ts";
export type {
  HealthEventData,
  ImportEventData,
  KeyEventData,
  PoolEventMessage,
  ReportEventData,
  ResetMessage,
  SettingEventData,
  TokenEventData,
} from "../http/events/event-answers.ts";
export type {
  CoolingPool,
  DetailedKey,
  HandedOutKey,
  KeyPage,
  KeyStatistics as Statistics,
  ListedKey,
  LogPage,
  LogRow,
  PoolState,
  ReportOutcome,
  ShownKey,
} from "../http/keys/key-answers.ts";
export type { ExportedKey, ExportFile, RevealedKey } from "../http/keys/secret-answers.ts";
export type { GivenLease, RunningLease } from "../http/leases/lease-answers.ts";
export type { CountedReports, ReportHistory } from "../http/reports/report-answers.ts";
export type { PageInfo } from "../http/server/paging.ts";
export type { ConfigEntry } from "../http/settings/setting-answers.ts";
export type { CleanupStatus, Health } from "../http/system/system-answers.ts";
export type { ListedToken, NewToken, Self, TokenScope } from "../http/tokens/token-answers.ts";
export type { ImportedRow, ImportReport, ImportTemplate } from "../http/uploads/upload-answers.ts";

/** Every key of the pool rests; the first one returns at `availableAt`. */
export interface AllCooling extends CoolingPool {
  readonly status: "all-cooling";
}

export interface NoKey {
  readonly status: "no-key";
}

/** Every key of the pool is leased as often as it may be, or rests; the first lease runs out at `availableAt`. */
export interface AllBusy extends CoolingPool {
  readonly status: "all-busy";
}

export type Leasing = ({ readonly status: "leased" } & GivenLease) | AllCooling | AllBusy | NoKey;

export type HandOut = { readonly status: "handed-out"; readonly key: HandedOutKey } | AllCooling | NoKey;

export type ImportVerdict = ImportFindings;

/** What Azure said about a key, and what that did to it; what only some kinds of test answer may be absent. */
export interface KeyTestData
  extends KeyTestVerdict,
    Partial<Omit<SynthesisTest & RecognitionTest & TranslationTest, keyof KeyTestVerdict>> {}

export type KeyTestResult =
  | ({ readonly works: true } & KeyTestData)
  | ({ readonly works: false; readonly reason: string } & KeyTestData);
