export {
  Access,
  type AccessPorts,
  type Caller,
  type MadeToken,
  OPEN_DOOR,
  type ShownToken,
  type TokenFault,
} from "./access/access.ts";
export { AuditTrail } from "./audit/audit-trail.ts";
export { type EventFilter, seenThrough } from "./events/event-filter.ts";
export type {
  EventListener,
  EventNotice,
  EventPlace,
  EventReader,
  EventReading,
} from "./events/events.ts";
export type { CodeOutcome } from "./hand-outs/code-effects.ts";
export type { KeyNotice, KeyWatch } from "./hand-outs/key-watch.ts";
export type { Report, TakenReport } from "./hand-outs/report-code.ts";
export type { Watch, WatcherCount } from "./hand-outs/watch-key.ts";
export type { Import, ImportOptions, ImportOutcome, ImportResult } from "./imports/import-keys.ts";
export type { ImportParts } from "./imports/read-import.ts";
export type { ImportVerdict } from "./imports/validate-import.ts";
export * from "./key-pool.ts";
export { KeyIdMap } from "./keyring/key-id-map.ts";
export type { PlaceCount } from "./keyring/keyring.ts";
export type { KeyLease, LeaseCount } from "./keyring/leasing.ts";
export type { KeyTurn } from "./keyring/taking-turns.ts";
export type { NewKey } from "./keys/add-key.ts";
export type { AllKeys } from "./keys/list-keys.ts";
export type { Statistics } from "./keys/read-statistics.ts";
export type { Reveal } from "./keys/reveal-key.ts";
export type { SeenKey } from "./keys/show-key.ts";
export type { LeaseRequest } from "./leases/lease-key.ts";
export type { LeaseReleased, ReleaseRequest } from "./leases/release-lease.ts";
export type { RenewalRequest } from "./leases/renew-lease.ts";
export type { Cleanup } from "./logs/clean-up-logs.ts";
export { BoundedNames } from "./measures/bounded-names.ts";
export type { HandOutCount, HandOutOutcome } from "./measures/hand-out-counts.ts";
export type { Measures } from "./measures/measures.ts";
export type { Probed, ProbeFinding, ProbeKind, ProbeQuestion, ProbeResult } from "./probes/probes.ts";
export { SERVICE_OF } from "./probes/probes.ts";
export type { KeyTestOutcome, TestWarning } from "./probes/test-key.ts";
export type { SavedSetting, SettingInput } from "./settings/edit-settings.ts";
export type { Health } from "./upkeep/check-health.ts";
export type { Job } from "./upkeep/job-runner.ts";
export { TIMER_SCHEDULER } from "./upkeep/timer-scheduler.ts";
