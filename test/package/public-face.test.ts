import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import * as ports from "../../src/domain/ports/index.ts";
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

it("what a program that embeds the pool needs, and no more", () => {
  expect(namesOf("src/index.ts")).toEqual([
    "Access",
    "AllKeys",
    "Asker",
    "AuditPage",
    "AuditQuery",
    "AuditVerdict",
    "Caller",
    "Cleanup",
    "CodeOutcome",
    "DomainError",
    "DomainErrorCode",
    "EventFilter",
    "EventNotice",
    "EventReader",
    "Health",
    "Import",
    "ImportOutcome",
    "ImportParts",
    "ImportResult",
    "ImportVerdict",
    "Job",
    "Key",
    "KeyChange",
    "KeyFilter",
    "KeyLease",
    "KeyNotice",
    "KeyPage",
    "KeyPool",
    "KeyPoolOptions",
    "KeyQuery",
    "KeyTestOutcome",
    "KeyTurn",
    "KeyWatch",
    "Lease",
    "LeaseReleased",
    "LeaseRequest",
    "LogPage",
    "LogQuery",
    "MadeToken",
    "Measures",
    "NewKey",
    "Pool",
    "PoolCounts",
    "PoolEvent",
    "Ports",
    "ProbeQuestion",
    "ReleaseRequest",
    "RenewalRequest",
    "Report",
    "ReportCount",
    "ReportQuery",
    "Reveal",
    "SavedSetting",
    "Scope",
    "SeenKey",
    "Service",
    "SettingEntry",
    "SettingInput",
    "ShownToken",
    "Started",
    "Statistics",
    "Stopped",
    "TokenFault",
    "UseCase",
    "Watch",
    "createKeyPool",
    "leaseName",
    "statusAt",
  ]);
});

it("few of them are there when the code runs", () => {
  expect(Object.keys(face).toSorted()).toEqual(["DomainError", "createKeyPool", "leaseName", "statusAt"]);
});

it("what an author of adapters needs, and no more: types", () => {
  expect(namesOf("src/domain/ports/index.ts")).toEqual([
    "AccessToken",
    "Announcement",
    "Arrival",
    "Audit",
    "AuditDraft",
    "AuditPage",
    "AuditQuery",
    "Chance",
    "Clock",
    "CooldownStore",
    "Dropped",
    "EventFeed",
    "FeedEntry",
    "FeedEvent",
    "FeedFollower",
    "HealthIndicator",
    "Held",
    "Keeping",
    "Key",
    "KeyCounts",
    "KeyDescription",
    "KeyDraft",
    "KeyFilter",
    "KeyId",
    "KeyLogDraft",
    "KeyPage",
    "KeyPlace",
    "KeyQuery",
    "KeyRepository",
    "Lease",
    "LeaseDraft",
    "LeaseStore",
    "LeaseTurn",
    "Log",
    "LogDraft",
    "LogEntry",
    "LogPage",
    "LogQuery",
    "Member",
    "News",
    "PartHealth",
    "Pool",
    "PoolCounts",
    "ProbeTarget",
    "RecognitionOutcome",
    "Release",
    "Renewal",
    "ReportCount",
    "ReportQuery",
    "RotationStrategy",
    "Scheduler",
    "Seat",
    "Service",
    "SettingChange",
    "SettingEntry",
    "SettingRepository",
    "SpeechProbe",
    "Standing",
    "SynthesisOutcome",
    "TokenCrypto",
    "TokenRepository",
    "TokenUse",
    "TranslationOutcome",
    "TranslationProbe",
    "TranslationRequest",
    "Turn",
    "Usage",
    "UsageDelta",
    "Verdict",
    "WholePool",
  ]);
  expect(Object.keys(ports)).toEqual([]);
});

it("neither is long", () => {
  for (const entry of ["src/index.ts", "src/domain/ports/index.ts"])
    expect(namesOf(entry).length, entry).toBeLessThanOrEqual(70);
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

it("whatever the pool's interface speaks of has its name there, but for a class of which it offers a part", () => {
  const code = bodyOfKeyPool().replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const names = namesOf("src/index.ts");
  const unnamed = code.match(/\b[A-Z]\w+/g)?.filter((name) => !names.includes(name));
  expect([...new Set(unnamed)].toSorted()).toEqual(["AbortSignal", "Events", "Pick", "Promise"]);
});

it("a use case that the pool offers is documented", () => {
  const body = bodyOfKeyPool();
  const members = Array.from(body.matchAll(/\n {2}(?:readonly )?(\w+)(?:\(|:)/g), ([, name]) => name);
  expect(members.length).toBeGreaterThan(15);
  for (const name of members) {
    expect(body, `${name} has a doc comment`).toMatch(
      new RegExp(`\\*/\\n {2}(?:readonly )?${name}(?:\\(|:)`),
    );
  }
});

function bodyOfKeyPool(): string {
  const code = readFileSync(join(ROOT, "src/application/key-pool.ts"), "utf8");
  const start = code.indexOf("export interface KeyPool {");
  return code.slice(start, code.indexOf("\n}\n", start));
}
