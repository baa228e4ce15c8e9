import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { Api } from "../servers/api.ts";
import { freePort, required } from "../servers/found.ts";
import { PoolServer, type PoolServerOptions } from "../servers/pool-server.ts";
import { PrivatePostgres } from "../servers/postgres-server.ts";
import { findPrivateRedis } from "../servers/redis-server.ts";
import { scratchFolder, secretOf, until } from "./servers.ts";

const postgres = required(await PrivatePostgres.start());
const redis = await findPrivateRedis();
afterAll(async () => {
  if ("server" in postgres) await postgres.server.stop();
  if ("server" in redis) await redis.server.stop();
});

describe.skipIf("missing" in postgres)("a server whose PostgreSQL is not there yet", () => {
  it("waits, says for what, and serves once it is", async () => {
    const database = inPostgres();
    await database.halt();
    const server = launched({ DATABASE_URL: withPassword(database.url) });
    await until(
      async () => server.log.filter(({ msg }) => String(msg).startsWith("waiting for database: postgres:")),
      (lines) => lines.length >= 2,
    );
    expect(server.log.map(({ msg }) => msg)).not.toContain("serving");
    await database.resume();
    await server.serving();
    const api = new Api(server);
    expect((await api.add(secretOf(1))).status).toBe(201);
    expect((await api.handOut()).status).toBe(200);
    expect(server.output).not.toContain("hunter2");
  });
});

describe("a server whose PostgreSQL stays away", () => {
  it("ends after its time with one line that names the database without the password", async () => {
    const port = await freePort();
    const DATABASE_URL = `postgres://pool:hunter2@127.0.0.1:${port}/keys?application_name=hunter2`;
    const { code, output } = await PoolServer.refused({ env: { DATABASE_URL, START_TIMEOUT_SECONDS: "1" } });
    expect(code).toBe(1);
    const errors = output.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
    expect(errors).toEqual([
      expect.stringMatching(
        `^database: postgres://127\\.0\\.0\\.1:${port}/keys does not answer: .*ECONNREFUSED`,
      ),
    ]);
    expect(output).not.toContain("hunter2");
  });
});

describe.skipIf("missing" in redis)("a server whose Redis is not there yet", () => {
  it("starts without it after its time, says so, and uses it once it is there", async () => {
    const store = inRedis();
    await store.kill();
    const server = launched({
      DATABASE_URL: `sqlite:${scratchFolder()}/keys.db`,
      REDIS_URL: store.url,
      START_TIMEOUT_SECONDS: "1",
    });
    await server.serving();
    expect(server.log.map(({ msg }) => msg)).toContain("Redis did not answer, starting without it");
    const api = new Api(server);
    expect((await api.add(secretOf(1))).status).toBe(201);
    expect((await api.report(secretOf(1), 429)).body.data).toMatchObject({ action: "cooldown" });
    expect((await api.get("/health")).body.data).toMatchObject({
      status: "degraded",
      parts: {
        database: { status: "up" },
        redis: { status: "down", reason: "Redis is not connected" },
        cooldown_store: { status: "degraded", reason: expect.stringContaining("goes on alone") },
      },
    });
    await store.restart();
    await until(
      () => api.get("/health"),
      ({ body }) => body.data.status === "healthy",
    );
    // The cooldown that began without Redis is in force with it.
    expect((await api.handOut()).status).toBe(503);
  });
});

function launched(env: NonNullable<PoolServerOptions["env"]>): PoolServer {
  const server = PoolServer.launch({ env });
  onTestFinished(async () => {
    await server.kill();
  });
  return server;
}

function inPostgres() {
  if ("missing" in postgres) throw new Error(postgres.missing);
  return postgres.server;
}

function inRedis() {
  if ("missing" in redis) throw new Error(redis.missing);
  return redis.server;
}

function withPassword(url: string): string {
  const parts = new URL(url);
  parts.password = "hunter2";
  return parts.href;
}
