import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../servers/found.ts";
import { findPostgres, freshDatabase } from "../servers/postgres-server.ts";
import { findPrivateRedis } from "../servers/redis-server.ts";
import { TcpLink } from "../servers/tcp-link.ts";
import { launchHere, refusalOf, scratchFolder, secretOf, serveHere, until } from "./servers.ts";

const postgres = await findPostgres();
const redis = await findPrivateRedis();
afterAll(async () => {
  if ("server" in postgres) await postgres.server.stop();
  if ("server" in redis) await redis.server.stop();
});

describe.skipIf("missing" in postgres)("a server whose PostgreSQL is not there yet", () => {
  it("waits, says for what, and serves once it is", async () => {
    if ("missing" in postgres) throw new Error(postgres.missing);
    const { url, drop } = await freshDatabase(postgres.server);
    onTestFinished(drop);
    const link = await TcpLink.to(withPassword(url));
    onTestFinished(() => link.close());
    link.cut();
    const { log, served } = launchHere({ DATABASE_URL: link.url });
    await until(
      async () => log.filter(({ msg }) => String(msg).startsWith("waiting for database: postgres:")),
      (lines) => lines.length >= 2,
    );
    expect(log.map(({ msg }) => msg)).not.toContain("serving");
    link.mend();
    const { api } = await served;
    expect((await api.add(secretOf(1))).status).toBe(201);
    expect((await api.handOut()).status).toBe(200);
    expect(JSON.stringify(log)).not.toContain("hunter2");
  });
});

describe("a server whose PostgreSQL stays away", () => {
  it("ends after its time with one line that names the database without the password", async () => {
    const port = await freePort();
    const DATABASE_URL = `postgres://pool:hunter2@127.0.0.1:${port}/keys?application_name=hunter2`;
    const { log, served } = launchHere({ DATABASE_URL, START_TIMEOUT_SECONDS: "1" });
    const message = await refusalOf(served);
    expect(message).toMatch(
      new RegExp(`^database: postgres://127\\.0\\.0\\.1:${port}/keys does not answer: .*ECONNREFUSED.*$`),
    );
    expect(JSON.stringify(log) + message).not.toContain("hunter2");
  });
});

describe.skipIf("missing" in redis)("a server whose Redis is not there yet", () => {
  it("starts without it after its time, says so, and uses it once it is there", async () => {
    if ("missing" in redis) throw new Error(redis.missing);
    const store = redis.server;
    await store.kill();
    const { server, api } = await serveHere({
      DATABASE_URL: `sqlite:${scratchFolder()}/keys.db`,
      REDIS_URL: store.url,
      START_TIMEOUT_SECONDS: "1",
    });
    expect(server.log.map(({ msg }) => msg)).toContain("Redis did not answer, starting without it");
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

function withPassword(url: string): string {
  const parts = new URL(url);
  parts.password = "hunter2";
  return parts.href;
}
