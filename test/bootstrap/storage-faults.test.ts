import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { openNative } from "../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import type { Answer, Api } from "../servers/api.ts";
import { SERVER_COMMAND } from "../servers/pool-server.ts";
import { scratchFolder, secretOf, serve, serveHere, until } from "./servers.ts";

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

// These mostly wait, so they run concurrently.
describe.concurrent("a database file that another process keeps locked", () => {
  it("fails writes, not hand-outs, and gets what it missed when it is free", async ({ onTestFinished }) => {
    const file = `${scratchFolder(onTestFinished)}/keys.db`;
    const { server, api } = await serve(file, {}, onTestFinished);
    for (const name of ["throttled", "dead", "retired", "fine"]) {
      await api.add(secretOf(name), "eastasia", { keyname: name, tag: name });
    }
    await api.post(`/keys/${secretOf("retired")}/disable`);
    const handOut = (tag: string) => api.get(`/keys/get?tag=${tag}`);

    const other = openNative(file, {});
    onTestFinished(() => other.close());
    other.exec("begin exclusive");
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

    // In force though it is not durable, and cannot be.
    const resting = await until(
      () => handOut("throttled"),
      ({ status }) => status === 503,
    );
    expect(resting.body.code).toBe("all_keys_cooling");
    await until(
      () => handOut("dead"),
      ({ status }) => status === 404,
    );
    const seen = new Set<number>();
    for (let n = 0; n < 50; n++) seen.add((await api.handOut()).body.data.id);
    expect(seen.size).toBe(1);

    for (const answer of await Promise.all([...writes, repeated])) expectUnavailable(answer);
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

    const again = await serveHere({ DATABASE_URL: `sqlite:${file}` }, onTestFinished);
    expect(await statuses(again.api)).toEqual(expected);
    expect((await again.api.get("/keys/get?tag=throttled")).body.data.availableAt).toBe(deadline);
  });

  it("makes writes wait, not fail, while the lock is short", async ({ onTestFinished }) => {
    const file = `${scratchFolder(onTestFinished)}/keys.db`;
    const { api } = await serveHere({ DATABASE_URL: `sqlite:${file}` }, onTestFinished);
    await api.add(secretOf("one"));
    const other = openNative(file, {});
    onTestFinished(() => other.close());
    other.exec("begin immediate");
    const reports = Array.from({ length: 50 }, () => api.report(secretOf("one"), 429));
    // The key rests before a report is answered: now they all meet the lock.
    await until(
      () => api.handOut(),
      ({ status }) => status === 503,
    );
    other.exec("rollback");
    const answers = await Promise.all(reports);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(answers.filter(({ body }) => body.data.statusChanged)).toHaveLength(1);
  });
});

const hasPrlimit = spawnSync("prlimit", ["--version"]).error === undefined;

/** A file may not grow past a limit, as on a full disk; the limit of a running process can be raised. */
describe.runIf(hasPrlimit).concurrent("a database that may not grow", () => {
  it("refuses what does not fit, hands out and rests keys, and goes on once there is room", async ({
    onTestFinished,
  }) => {
    const file = `${scratchFolder(onTestFinished)}/keys.db`;
    const command = ["prlimit", "--fsize=400000:", ...SERVER_COMMAND];
    const { server, api } = await serve(file, { command }, onTestFinished);
    for (const name of ["throttled", "fine"]) {
      await api.add(secretOf(name), "eastasia", { keyname: name, tag: name });
    }

    const note = "x".repeat(500);
    let kept = 0;
    const reportTogether = async (count: number) => {
      const reports = Array.from({ length: count }, () => api.report(secretOf("fine"), 200, note));
      const answers = await Promise.all(reports);
      const refused = answers.filter(({ status }) => status !== 200);
      kept += count - refused.length;
      return refused;
    };
    // One row may fit where a hundred do not.
    for (const count of [100, 1]) {
      const refused = await until(
        () => reportTogether(count),
        ({ length }) => length > 0,
      );
      for (const answer of refused) expectUnavailable(answer);
    }
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
    const again = await serveHere({ DATABASE_URL: `sqlite:${file}` }, onTestFinished);
    expect(await statuses(again.api)).toEqual({ throttled: "cooldown", fine: "enabled" });
    expect((await again.api.get("/keys/logs?status_code=200")).body.data.total).toBe(kept + 1);
    expect((await again.api.get("/keys/logs?status_code=429")).body.data.total).toBe(1);
  });
});
