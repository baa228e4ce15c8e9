import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { openNative } from "../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import type { Answer, Api } from "../servers/api.ts";
import { SERVER_COMMAND } from "../servers/pool-server.ts";
import { scratchFolder, secretOf, serve, until } from "./servers.ts";

/** The server answers a write that does not come through after 5 s; the rest is for a busy machine. */
const BOUND_MS = 8000;

function expectUnavailable({ status, retryAfter, body }: Answer): void {
  expect(status, JSON.stringify(body)).toBe(503);
  expect(body.code).toBe("storage_unavailable");
  expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
}

const healthOf = async (api: Api) => {
  const { status, body } = await api.get("/health");
  expect(status).toBe(200);
  return body.data.status;
};

const statuses = async (api: Api) => {
  const listed: { keyname: string; status: string }[] = (await api.get("/keys")).body.data;
  return Object.fromEntries(listed.map(({ keyname, status }) => [keyname, status]));
};

describe("a database file that somebody else keeps locked", () => {
  it("fails writes in bounded time, not hand-outs, and gets what it missed when it is free", async () => {
    const file = `${scratchFolder()}/keys.db`;
    const { server, api } = await serve(file);
    for (const name of ["throttled", "dead", "retired", "fine"]) {
      await api.add(secretOf(name), "eastasia", { keyname: name, tag: name });
    }
    await api.post(`/keys/${secretOf("retired")}/disable`);
    const handOut = (tag: string) => api.get(`/keys/get?tag=${tag}`);

    const other = openNative(file, {});
    onTestFinished(() => other.close());
    other.exec("begin exclusive");
    const startedAt = performance.now();
    const writes = [
      api.report(secretOf("throttled"), 429),
      api.report(secretOf("dead"), 401),
      api.report(secretOf("fine"), 200),
      api.report(secretOf("fine"), 500),
      api.post(`/keys/${secretOf("retired")}/enable`),
      api.add(secretOf("new")),
      api.set("cooldown_seconds", 1),
    ];
    // A skip rests on a cooldown that is not durable yet, so it cannot be answered either.
    const repeated = until(
      () => handOut("throttled"),
      ({ status }) => status === 503,
    ).then(() => api.report(secretOf("throttled"), 429));

    // In force at once, long before the writes are given up.
    const resting = await until(
      () => handOut("throttled"),
      ({ status }) => status === 503,
    );
    expect(resting.body.code).toBe("all_keys_cooling");
    await until(
      () => handOut("dead"),
      ({ status }) => status === 404,
    );
    expect(performance.now() - startedAt).toBeLessThan(2500);
    const seen = new Set<number>();
    for (let n = 0; n < 50; n++) seen.add((await api.handOut()).body.data.id);
    expect(seen.size).toBe(1);

    for (const answer of await Promise.all([...writes, repeated])) expectUnavailable(answer);
    expect(performance.now() - startedAt).toBeLessThan(BOUND_MS);
    expect(await healthOf(api)).toBe("degraded");
    expect((await handOut("throttled")).body.code).toBe("all_keys_cooling");
    expect((await handOut("retired")).body.code).toBe("no_key");
    expect((await handOut("fine")).status).toBe(200);

    other.exec("rollback");
    await until(
      () => healthOf(api),
      (health) => health === "healthy",
    );
    const expected = { throttled: "cooldown", dead: "disabled", retired: "disabled", fine: "enabled" };
    expect(await statuses(api)).toEqual(expected);
    expect((await api.report(secretOf("fine"), 200)).status).toBe(200);
    expect((await api.report(secretOf("throttled"), 429)).body.data.reason).toBe("cooling");
    const deadline = resting.body.data.availableAt;
    await server.kill();

    const again = await serve(file);
    expect(await statuses(again.api)).toEqual(expected);
    expect((await again.api.get("/keys/get?tag=throttled")).body.data.availableAt).toBe(deadline);
  });

  it("makes writes wait, not fail, while the lock is short", async () => {
    const file = `${scratchFolder()}/keys.db`;
    const { api } = await serve(file);
    await api.add(secretOf("one"));
    const other = openNative(file, {});
    onTestFinished(() => other.close());
    other.exec("begin immediate");
    const reports = Array.from({ length: 50 }, () => api.report(secretOf("one"), 429));
    await until(
      () => healthOf(api),
      (health) => health === "degraded",
    );
    other.exec("rollback");
    const answers = await Promise.all(reports);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(answers.filter(({ body }) => body.data.statusChanged)).toHaveLength(1);
  });
});

const hasPrlimit = spawnSync("prlimit", ["--version"]).error === undefined;

/** A file may not grow past a limit, as on a full disk; the limit of a running process can be raised. */
describe.runIf(hasPrlimit)("a database that may not grow", () => {
  it("refuses what does not fit, hands out and rests keys, and goes on once there is room", async () => {
    const file = `${scratchFolder()}/keys.db`;
    const made = await serve(file);
    for (const name of ["throttled", "fine"]) {
      await made.api.add(secretOf(name), "eastasia", { keyname: name, tag: name });
    }
    await made.server.stop();
    const limit = Math.max(statSync(file).size, 600_000);
    const command = ["prlimit", `--fsize=${limit}:`, ...SERVER_COMMAND];
    const { server, api } = await serve(file, { command });

    const note = "x".repeat(500);
    let kept = 0;
    const refused = await until(
      async () => {
        const answers = await Promise.all(
          Array.from({ length: 100 }, () => api.report(secretOf("fine"), 200, note)),
        );
        kept += answers.filter(({ status }) => status === 200).length;
        return answers.filter(({ status }) => status !== 200);
      },
      ({ length }) => length > 0,
    );
    for (const answer of refused) expectUnavailable(answer);
    expect(await healthOf(api)).toBe("degraded");
    expectUnavailable(await api.report(secretOf("throttled"), 429, note));
    expect((await api.get("/keys/get?tag=throttled")).body.code).toBe("all_keys_cooling");
    expect((await api.get("/keys/get?tag=fine")).status).toBe(200);
    const { total } = (await api.get("/keys/logs?status_code=200")).body.data;
    expect(total).toBe(kept);

    spawnSync("prlimit", [`--pid=${server.pid}`, "--fsize=unlimited:"]);
    await until(
      () => healthOf(api),
      (health) => health === "healthy",
    );
    expect((await api.report(secretOf("fine"), 200, note)).status).toBe(200);
    await server.kill();
    const again = await serve(file);
    expect(await statuses(again.api)).toEqual({ throttled: "cooldown", fine: "enabled" });
    expect((await again.api.get("/keys/logs?status_code=200")).body.data.total).toBe(kept + 1);
    expect((await again.api.get("/keys/logs?status_code=429")).body.data.total).toBe(1);
  });
});
