// The API's own answers: page and server must not compile apart. Types only, so that none of it is in the page.
export type { AuditedAct, AuditPageAnswer as AuditPage } from "../../../http/audit/audit-answers.ts";
export type { PoolEventMessage } from "../../../http/events/event-answers.ts";
export type {
  CoolingPool,
  DetailedKey,
  HandedOutKey,
  KeyPage,
  ListedKey,
  LogPage,
  LogRow,
  PoolState,
  ReportOutcome,
  ShownKey,
} from "../../../http/keys/key-answers.ts";
export type { KeyTestVerdict } from "../../../http/probes/probe-answers.ts";
export type { CountedReports, ReportHistory } from "../../../http/reports/report-answers.ts";
export type { ConfigEntry } from "../../../http/settings/setting-answers.ts";
export type { Health } from "../../../http/system/system-answers.ts";
export type { ListedToken, NewToken, Self } from "../../../http/tokens/token-answers.ts";
export type { ImportedRow, ImportFindings, ImportReport } from "../../../http/uploads/upload-answers.ts";
