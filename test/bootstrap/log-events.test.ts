import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { PoolEvent } from "../../src/application/index.ts";
import { logEvents } from "../../src/bootstrap/log-events.ts";
import { keyLogDraft } from "../../src/domain/index.ts";

/** The lines that these events leave in the log, each with the name of its level. */
function linesOf(...events: readonly PoolEvent[]): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const options = {
    level: "trace",
    base: null,
    timestamp: false,
    formatters: { level: (level: string) => ({ level }) },
  };
  const log = logEvents(pino(options, { write: (line: string) => void lines.push(JSON.parse(line)) }));
  for (const event of events) log(event);
  return lines;
}

const done = (job: string, result?: unknown): PoolEvent => ({ kind: "job-done", job, result });
const failed = (job: string, error: unknown): PoolEvent => ({ kind: "job-failed", job, error });
const messagesOf = (lines: readonly Record<string, unknown>[]) => lines.map(({ level, msg }) => [level, msg]);

const KEY = { id: 7, service: "speech", region: "eastasia", name: "spare" } as const;
const changed = (statusCode?: number): PoolEvent => ({
  kind: "key-changed",
  id: KEY.id,
  entry: keyLogDraft(KEY, statusCode === undefined ? "enable_key" : "cooldown_start", {
    at: 1,
    ...(statusCode !== undefined && { statusCode }),
  }),
});

describe("the log of a pool", () => {
  it("has a line at info for each row of the audit, with its code, and one at warn for a token that disables much", () => {
    const actor = { id: "0123456789ab", name: "n", role: "admin" } as const;
    const row = {
      ...{ sequence: 3, code: "c", at: 1, actor, address: "::1", requestId: "r", act: "reveal_key" as const },
      ...{ subject: "speech key 7", before: null, after: { reason: "why" }, failure: null },
    };
    const about = { sequence: 3, code: "c", act: "reveal_key", actor: actor.id, subject: "speech key 7" };
    expect(
      linesOf({ kind: "audited", row }, { kind: "token-disables", token: actor.id, disables: 20 }),
    ).toEqual([
      { ...about, level: "info", failure: null, requestId: "r", msg: "audited" },
      {
        ...{ level: "warn", token: actor.id, disables: 20 },
        msg: "a client's token would disable more keys than it may, look into it",
      },
    ]);
  });

  it("has a line at info for a change of a key, with the reported code if there is one", () => {
    const about = { level: "info", keyId: 7, service: "speech", region: "eastasia", name: "spare" };
    expect(linesOf(changed(429), changed())).toEqual([
      { ...about, action: "cooldown_start", code: 429, actor: "caller", msg: "key changed" },
      { ...about, action: "enable_key", actor: "caller", msg: "key changed" },
    ]);
  });

  it("has no line for each key of an import, which is logged as a whole", () => {
    expect(linesOf({ kind: "key-changed", id: 7, entry: null })).toEqual([]);
  });

  it("warns of what a person should look into", () => {
    expect(
      linesOf(
        { kind: "store-corrected", id: 7 },
        { kind: "clock-stepped", byMs: -3_600_000 },
        done("cut overlong rests", 2),
      ),
    ).toEqual([
      { level: "warn", keyId: 7, msg: expect.stringContaining("cooldown store") },
      { level: "warn", byMs: -3_600_000, msg: "the clock was set" },
      { level: "warn", keys: 2, msg: expect.stringContaining("rests") },
    ]);
  });

  it("says what a job has done, and nothing when it had nothing to do", () => {
    const jobs = ["re-check keys", "clean up logs", "cut overlong rests", "write usage"];
    expect(linesOf(...jobs.map((job) => done(job, 0)), ...jobs.map((job) => done(job)))).toEqual([]);
    expect(linesOf(done("re-check keys", 3), done("clean up logs", 40))).toEqual([
      { level: "info", keys: 3, msg: "re-checked keys work again" },
      { level: "info", rows: 40, msg: "log rows removed" },
    ]);
  });

  it("warns once of a job that keeps failing in one way, and again of another fault", () => {
    const lines = linesOf(
      failed("write usage", new Error("database away")),
      failed("write usage", new Error("database away")),
      failed("write usage", "out of room"),
      failed("clean up logs", new Error("database away")),
    );
    expect(messagesOf(lines)).toEqual(Array(3).fill(["warn", "background job failed"]));
    expect(lines.map(({ job }) => job)).toEqual(["write usage", "write usage", "clean up logs"]);
    expect(lines[0]).toMatchObject({ err: { message: "database away" } });
  });

  it("says that a job works again, and then warns of the same fault anew", () => {
    const fault = new Error("database away");
    const lines = linesOf(
      failed("write usage", fault),
      done("clean up logs"),
      done("write usage"),
      done("write usage"),
      failed("write usage", fault),
    );
    expect(messagesOf(lines)).toEqual([
      ["warn", "background job failed"],
      ["info", "background job works again"],
      ["warn", "background job failed"],
    ]);
  });
});
