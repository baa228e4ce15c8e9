import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { Api } from "../servers/api.ts";
import { PoolServer } from "../servers/pool-server.ts";
import { findPrivateRedis } from "../servers/redis-server.ts";
import { isLongRun } from "../situations/long-run.ts";
import { scratchFolder, secretOf, serveHere } from "./servers.ts";

const PASSWORD = "hunter2-hunter2";
const WRONG = "hunter3-hunter3";

const guarded = await findPrivateRedis({ password: PASSWORD });
const encrypted = await findPrivateRedis({ password: PASSWORD, tls: true });

async function start(redisUrl: string, env: Readonly<Record<string, string>> = {}): Promise<PoolServer> {
  const server = await PoolServer.start({ env: { ...environment(redisUrl), ...env } });
  onTestFinished(async () => void (await server.kill()));
  return server;
}

function environment(redisUrl: string) {
  return {
    DATABASE_URL: `sqlite:${scratchFolder()}/keys.db`,
    REDIS_URL: redisUrl,
    START_TIMEOUT_SECONDS: "60",
  };
}

/** What the log says of the connection itself. */
function linesOf(server: Pick<PoolServer, "log">): readonly unknown[] {
  return server.log.map(({ msg }) => msg).filter((msg) => String(msg).startsWith("Redis: "));
}

async function handsOutWithRedis(server: Pick<PoolServer, "url">): Promise<void> {
  const api = new Api(server);
  expect((await api.get("/health")).body.data.parts).toMatchObject({
    redis: { status: "up" },
    cooldown_store: { status: "up" },
  });
  expect((await api.add(secretOf(1))).status).toBe(201);
  expect((await api.handOut()).status).toBe(200);
}

describe.skipIf("missing" in guarded)(
  `Redis with a password ${"missing" in guarded ? guarded.missing : ""}`,
  () => {
    if ("missing" in guarded) return void it("needs a server", () => {});
    const { server: redis } = guarded;
    afterAll(() => redis.stop());

    it("is used with the password", async () => {
      const { server } = await serveHere(environment(redis.url));
      await handsOutWithRedis(server);
      expect(JSON.stringify(server.log)).not.toContain(PASSWORD);
    });

    it.each([
      ["a wrong password", `:${WRONG}@`, "Redis: the user or password in REDIS_URL is wrong"],
      ["no password", "", "Redis: it wants a password, and REDIS_URL has none"],
    ])("refuses %s, which one line of the log says, without it", async (_, user, line) => {
      const url = redis.url.replace(`:${PASSWORD}@`, user);
      const { server, api } = await serveHere({ ...environment(url), START_TIMEOUT_SECONDS: "1" });
      expect(linesOf(server)).toEqual([line]);
      expect((await api.get("/health")).body.data.parts.redis).toMatchObject({ status: "down" });
      await server.stop();
      expect(JSON.stringify(server.log)).not.toContain(WRONG);
    });
  },
);

describe.skipIf("missing" in encrypted)(
  `Redis over TLS ${"missing" in encrypted ? encrypted.missing : ""}`,
  () => {
    if ("missing" in encrypted) return void it("needs a server", () => {});
    const { server: redis } = encrypted;
    afterAll(() => redis.stop());

    it("is used when its authority is in NODE_EXTRA_CA_CERTS", async () => {
      await handsOutWithRedis(await start(redis.url, { NODE_EXTRA_CA_CERTS: redis.certificate }));
    });

    it.runIf(isLongRun)("is not trusted without, which one line of the log says", async () => {
      const server = await start(redis.url, { START_TIMEOUT_SECONDS: "1" });
      expect(linesOf(server)).toEqual([expect.stringMatching(/^Redis: self-signed certificate/)]);
      expect(server.output).not.toContain(PASSWORD);
    });
  },
);
