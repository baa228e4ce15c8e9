import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import * as face from "../../src/index.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** The names that a file of nothing but named exports exports, types included. */
function namesOf(path: string): readonly string[] {
  const code = readFileSync(join(ROOT, path), "utf8").replaceAll(/^\s*\/\/.*$/gm, "");
  expect(code, path).not.toContain("export *");
  const lists = Array.from(code.matchAll(/export\s+(?:type\s+)?\{([^}]*)\}/g), ([, list]) => list ?? "");
  return lists
    .flatMap((list) => list.split(","))
    .map((name) => name.trim().replace(/^type\s+/, ""))
    .filter((name) => name !== "")
    .toSorted();
}

it("what a program that embeds the pool and an author of adapters need, and no more", () => {
  expect(namesOf("src/index.ts")).toEqual([
    "Access",
    "AccessPorts",
    "AccessToken",
    "Announcement",
    "Asker",
    "Audit",
    "AuditAct",
    "AuditActor",
    "AuditDraft",
    "AuditEntry",
    "AuditHead",
    "AuditPage",
    "AuditQuery",
    "AuditValues",
    "AuditVerdict",
    "Caller",
    "Chance",
    "Cleanup",
    "Clock",
    "CodeOutcome",
    "CooldownStore",
    "DomainError",
    "DomainErrorCode",
    "EventFeed",
    "EventFilter",
    "EventKind",
    "EventListener",
    "EventNotice",
    "EventPlace",
    "EventReader",
    "EventReading",
    "FeedEntry",
    "FeedEvent",
    "FeedFollower",
    "FieldProblem",
    "Health",
    "HealthIndicator",
    "Held",
    "Import",
    "ImportOptions",
    "ImportOutcome",
    "ImportParts",
    "ImportResult",
    "ImportVerdict",
    "Job",
    "Keeping",
    "Key",
    "KeyChange",
    "KeyDescription",
    "KeyDraft",
    "KeyId",
    "KeyLease",
    "KeyLogDraft",
    "KeyNotice",
    "KeyPage",
    "KeyPool",
    "KeyPoolOptions",
    "KeyQuery",
    "KeyRepository",
    "KeyStatus",
    "KeyTestOutcome",
    "KeyTurn",
    "KeyWatch",
    "Lease",
    "LeaseDraft",
    "LeaseId",
    "LeaseList",
    "LeasePorts",
    "LeaseReleased",
    "LeaseRequest",
    "LeaseStore",
    "LeaseTurn",
    "Log",
    "LogDraft",
    "LogEntry",
    "LogPage",
    "LogQuery",
    "Mac",
    "MadeToken",
    "Measures",
    "Member",
    "NewKey",
    "NewTokenFields",
    "News",
    "OtherList",
    "Pool",
    "PoolEvent",
    "Ports",
    "ProbeQuestion",
    "Release",
    "ReleaseRequest",
    "Renewal",
    "RenewalRequest",
    "Report",
    "ReportClass",
    "ReportCount",
    "ReportQuery",
    "Reveal",
    "Role",
    "SavedSetting",
    "Scheduler",
    "Scope",
    "Seat",
    "Service",
    "SettingChange",
    "SettingEntry",
    "SettingInput",
    "SettingRepository",
    "ShownToken",
    "SpeechProbe",
    "Standing",
    "Started",
    "Statistics",
    "Stopped",
    "StoredTokens",
    "TokenCrypto",
    "TokenFault",
    "TokenRepository",
    "TokenUse",
    "TranslationProbe",
    "Turn",
    "UsageDelta",
    "UseCase",
    "Watch",
    "compareStandings",
    "createKeyPool",
    "merge",
    "sameStanding",
    "statusAt",
    "toLogFields",
  ]);
});

it("few of them are there when the code runs", () => {
  expect(Object.keys(face).toSorted()).toEqual([
    "DomainError",
    "compareStandings",
    "createKeyPool",
    "merge",
    "sameStanding",
    "statusAt",
    "toLogFields",
  ]);
});

it("the suites, and what opens an adapter for them", () => {
  expect(namesOf("src/testing/index.ts")).toEqual([
    "OpenAudit",
    "OpenCooldownStore",
    "OpenEventFeed",
    "OpenLeaseStore",
    "OpenNews",
    "OpenRestartable",
    "OpenStorage",
    "OpenTokens",
    "describeAudit",
    "describeCooldownStore",
    "describeEventFeed",
    "describeKeyPool",
    "describeKeyRepository",
    "describeLeaseStore",
    "describeLog",
    "describeNews",
    "describeSettingRepository",
    "describeTokenRepository",
  ]);
});

it("a use case that the pool offers is documented", () => {
  const code = readFileSync(join(ROOT, "src/application/key-pool.ts"), "utf8");
  const start = code.indexOf("export interface KeyPool {");
  const body = code.slice(start, code.indexOf("\n}\n", start));
  const members = Array.from(body.matchAll(/\n {2}(?:readonly )?(\w+)(?:\(|:)/g), ([, name]) => name);
  expect(members.length).toBeGreaterThan(15);
  for (const name of members) {
    expect(body, `${name} has a doc comment`).toMatch(
      new RegExp(`\\*/\\n {2}(?:readonly )?${name}(?:\\(|:)`),
    );
  }
});
