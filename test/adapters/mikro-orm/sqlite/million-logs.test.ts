import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../../../../src/adapters/mikro-orm/open-database.ts";
import type { KeyLogDraft, LogQuery } from "../../../../src/domain/index.ts";
import { logDraft, NOON } from "../../../../src/testing/storage.ts";
import { isLongRun } from "../../../situations/long-run.ts";

const ROWS = 1_000_000;
const HALF = NOON + (ROWS / 2) * 1000;

describe.runIf(isLongRun)("a log of a million rows", () => {
  let database: Database;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "key-pool-"));
    database = await openDatabase({ url: `sqlite:${folder}/keys.db` });
    for (let start = 0; start < ROWS; start += 5000) {
      await Promise.all(Array.from({ length: 5000 }, (_, n) => database.log.append(entryOf(start + n))));
    }
    return async () => {
      await database.close();
      rmSync(folder, { recursive: true });
    };
  }, 120_000);

  const deep = 49_950;

  // Speed is for the bench; here indexes and kept totals must answer correctly.
  it.each<[string, Partial<LogQuery>]>([
    ["page 1", {}],
    ["page 1000", { offset: deep }],
    ["page 1000 of an action", { offset: deep, action: "set_status" }],
    ["a rare action", { action: "disable_key" }],
    ["a rare code", { statusCode: 429 }],
    ["a code that never came", { statusCode: 599 }],
    ["a time span", { from: HALF, to: HALF + 86_400_000 }],
    ["half of all time, page 1000", { from: HALF, offset: deep / 2 }],
    ["one key", { keyId: 7 }],
  ])("lists %s", async (_name, query) => {
    const { entries, total } = await database.log.list({
      services: ["speech", null],
      offset: 0,
      limit: 50,
      ...query,
    });
    const matching = Array.from({ length: ROWS }, (_, n) => entryOf(n)).filter((entry) =>
      matches(entry, query),
    );
    expect(total).toBe(matching.length);
    const { offset = 0 } = query;
    const page = matching.toReversed().slice(offset, offset + 50);
    expect(entries.map(({ at }) => at)).toEqual(page.map(({ at }) => at));
  });
});

function matches(entry: KeyLogDraft, { action, statusCode, keyId, from, to }: Partial<LogQuery>): boolean {
  return (
    (action === undefined || entry.action === action) &&
    (statusCode === undefined || entry.statusCode === statusCode) &&
    (keyId === undefined || entry.keyId === keyId) &&
    (from === undefined || entry.at >= from) &&
    (to === undefined || entry.at <= to)
  );
}

function entryOf(n: number) {
  const common = { at: NOON + n * 1000, keyId: 1 + ((n * 7919) % 1009), note: "a remark" };
  if (n % 50 === 0) return logDraft({ ...common, action: "cooldown_start", statusCode: 429 });
  if (n % 777 === 0) return logDraft({ ...common, action: "disable_key", statusCode: 401 });
  return logDraft(common);
}
