// What an author of adapters needs: the ports that `createKeyPool` takes, and what their methods take and answer. Types
// only: the rules that an adapter calls, and the types that go with those, are in `azure-key-pool/domain`.

export type { AccessToken } from "../access/access-token.ts";
export type { AuditDraft } from "../access/audit-entry.ts";
export type { FeedEntry, FeedEvent } from "../feed-event.ts";
export type { Key, KeyDescription, KeyDraft, KeyId, Usage } from "../key.ts";
export type { Lease } from "../lease.ts";
export type { KeyLogDraft, LogDraft, LogEntry } from "../log-entry.ts";
export type { RotationStrategy } from "../policy.ts";
export type { Service } from "../service.ts";
export type { Standing } from "../standing.ts";
export type { Verdict } from "../verdict.ts";
export type { Audit, AuditPage, AuditQuery } from "./audit.ts";
export type { Chance } from "./chance.ts";
export type { Clock } from "./clock.ts";
export type {
  Arrival,
  CooldownStore,
  Dropped,
  Held,
  Member,
  Pool,
  Seat,
  Turn,
  WholePool,
} from "./cooldown-store.ts";
export type { EventFeed, FeedFollower } from "./event-feed.ts";
export type { HealthIndicator, PartHealth } from "./health-indicator.ts";
export type {
  KeyCounts,
  KeyFilter,
  KeyPage,
  KeyPlace,
  KeyQuery,
  KeyRepository,
  PoolCounts,
  UsageDelta,
} from "./key-repository.ts";
export type { Keeping, LeaseDraft, LeaseStore, LeaseTurn, Release, Renewal } from "./lease-store.ts";
export type { Log, LogPage, LogQuery, ReportCount, ReportQuery } from "./log.ts";
export type { Announcement, News } from "./news.ts";
export type { Scheduler } from "./scheduler.ts";
export type { SettingChange, SettingEntry, SettingRepository } from "./setting-repository.ts";
export type { ProbeTarget, RecognitionOutcome, SpeechProbe, SynthesisOutcome } from "./speech-probe.ts";
export type { TokenCrypto } from "./token-crypto.ts";
export type { TokenRepository, TokenUse } from "./token-repository.ts";
export type { TranslationOutcome, TranslationProbe, TranslationRequest } from "./translation-probe.ts";
