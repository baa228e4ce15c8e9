import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../../../../src/adapters/mikro-orm/open-database.ts";
import type { LogQuery } from "../../../../src/domain/index.ts";
import { logDraft, NOON } from "../../../../src/testing/storage.ts";

const ROWS = 1_000_000;
const HALF = NOON + (ROWS / 2) * 1000;

describe.runIf(process.env.LONG)("a log of a million rows", () => {
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

  it.each<[string, Partial<LogQuery>, number]>([
    ["page 1", {}, 30],
    ["page 1000", { offset: deep }, 30],
    ["page 1000 of an action", { offset: deep, action: "set_status" }, 30],
    ["a rare action", { action: "disable_key" }, 30],
    ["a rare code", { statusCode: 429 }, 30],
    ["a code that never came", { statusCode: 599 }, 30],
    ["a time span", { from: HALF, to: HALF + 86_400_000 }, 30],
    ["half of all time, page 1000", { from: HALF, offset: deep / 2 }, 60],
    ["one key", { keyId: 7 }, 120],
  ])("lists %s", async (_name, query, limitMs) => {
    const times: number[] = [];
    const delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      await database.log.list({ service: "speech", offset: 0, limit: 50, ...query });
      times.push(performance.now() - start);
    }
    delays.disable();
    expect(times.sort((a, b) => a - b)[2]).toBeLessThan(limitMs);
    expect(delays.percentile(90) / 1e6).toBeLessThan(10);
  });
});

function entryOf(n: number) {
  const common = { at: NOON + n * 1000, keyId: 1 + ((n * 7919) % 1009), note: "a remark" };
  if (n % 50 === 0) return logDraft({ ...common, action: "cooldown_start", statusCode: 429 });
  if (n % 777 === 0) return logDraft({ ...common, action: "disable_key", statusCode: 401 });
  return logDraft(common);
}
