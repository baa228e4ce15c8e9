import { describe, expect, it } from "vitest";
import type { Connection, SqlDatabase } from "../../../src/adapters/mikro-orm/sql-database.ts";
import type { SqlFault } from "../../../src/adapters/mikro-orm/sql-fault.ts";
import { SqlHealthIndicator } from "../../../src/adapters/mikro-orm/sql-health-indicator.ts";

const CANARY = 'password authentication failed for user "pool" at db.internal:5432';

/** A database whose state the test sets, its indicator, and what the indicator hands to the log. */
function watched() {
  const state: { connection: Connection; fault: SqlFault | undefined } = {
    connection: { ok: true },
    fault: undefined,
  };
  const database = {
    check: async () => state.connection,
    get fault() {
      return state.fault;
    },
  } as unknown as SqlDatabase;
  const logged: string[] = [];
  const health = new SqlHealthIndicator(database, (detail) => logged.push(detail));
  return { state, health, logged };
}

describe("SqlHealthIndicator", () => {
  it("answers in its own words and leaves the driver's to the log when there is no connection", async () => {
    const { state, health, logged } = watched();
    state.connection = { ok: false, reason: CANARY };
    expect(await health.check()).toEqual({ status: "down", reason: "The database is not connected" });
    expect(logged).toEqual([CANARY]);
  });

  it("does the same when writes fail", async () => {
    const { state, health, logged } = watched();
    state.fault = { reason: "Writes to the database fail", detail: CANARY };
    expect(await health.check()).toEqual({ status: "degraded", reason: "Writes to the database fail" });
    expect(logged).toEqual([CANARY]);
  });

  it("says one fault once, and again when it comes back", async () => {
    const { state, health, logged } = watched();
    state.connection = { ok: false, reason: CANARY };
    await health.check();
    await health.check();
    expect(logged).toEqual([CANARY]);
    state.connection = { ok: true };
    expect(await health.check()).toEqual({ status: "up" });
    state.connection = { ok: false, reason: CANARY };
    await health.check();
    expect(logged).toEqual([CANARY, CANARY]);
  });
});
