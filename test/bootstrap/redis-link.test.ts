import type { Logger } from "pino";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { connectWithin, createRedisClient, type RedisLinkTimes } from "../../src/bootstrap/connect-redis.ts";
import { connect, findRedis, freshPrefix } from "../servers/redis-server.ts";
import { TcpLink } from "../servers/tcp-link.ts";

const QUICK: RedisLinkTimes = {
  pingIntervalMs: 10,
  pingTimeoutMs: 200,
  connectTimeoutMs: 2_000,
  handshakeTimeoutMs: 500,
};
const PATIENT = { timeout: 60_000, interval: 20 };

const found = await findRedis();

describe.skipIf("missing" in found)(
  `the link to Redis ${"missing" in found ? found.missing : ""}`,
  async () => {
    if ("missing" in found) return void it("needs a server", () => {});
    const { server } = found;
    const direct = await connect(server.url);
    afterAll(async () => {
      direct.destroy();
      await server.stop();
    });

    /** A connected client on its own link. */
    async function open(times = QUICK) {
      const link = await TcpLink.to(server.url);
      const lines: string[] = [];
      const write = (...given: unknown[]) => lines.push(String(given.at(-1)));
      const client = createRedisClient(link.url, { info: write, warn: write } as unknown as Logger, times);
      onTestFinished(() => {
        client.destroy();
        link.close();
      });
      expect(await connectWithin(client, PATIENT.timeout)).toBe(true);
      return { link, client, lines };
    }

    it("is replaced when it goes silent, and what waits for an answer fails", async () => {
      const { link, client, lines } = await open();
      link.silence();
      await expect(client.get("anything")).rejects.toThrow();
      await vi.waitFor(async () => expect(await client.ping()).toBe("PONG"), PATIENT);
      expect(lines).toContain("Redis: the connection is silent and is replaced");
      expect(link.joined).toBeGreaterThanOrEqual(2);
    });

    it("is replaced though commands are written to it all the time", async () => {
      const { link, client } = await open();
      link.silence();
      const writing = setInterval(() => client.set("key-pool-test-nothing", "x").catch(() => {}), 1);
      onTestFinished(() => clearInterval(writing));
      await vi.waitFor(() => expect(link.joined).toBeGreaterThanOrEqual(2), PATIENT);
      await vi.waitFor(async () => expect(await client.ping()).toBe("PONG"), PATIENT);
      await direct.unlink("key-pool-test-nothing");
    });

    it("comes back with its subscriptions", async () => {
      const { link, client } = await open();
      const channel = `${freshPrefix(direct).prefix}news`;
      const heard: string[] = [];
      await client.subscribe(channel, (message) => heard.push(message));
      link.silence();
      await vi.waitFor(async () => {
        await direct.publish(channel, "again");
        expect(heard).toContain("again");
      }, PATIENT);
      expect(link.joined).toBeGreaterThanOrEqual(2);
      heard.length = 0;
      await direct.publish(channel, "once");
      await vi.waitFor(() => expect(heard.filter((message) => message === "once")).toHaveLength(1), PATIENT);
    });

    it("is tried again when a new connection is silent from the start, as often as it takes", async () => {
      const { link, client } = await open();
      link.silence({ newToo: true });
      await vi.waitFor(() => expect(link.joined).toBeGreaterThanOrEqual(3), PATIENT);
      expect(client.isReady).toBe(false);
      link.mend();
      await vi.waitFor(async () => expect(await client.ping()).toBe("PONG"), PATIENT);
    });

    it("may be silent from the first connection on", async () => {
      const link = await TcpLink.to(server.url);
      link.silence({ newToo: true });
      const silent = { info: () => {}, warn: () => {} } as unknown as Logger;
      const client = createRedisClient(link.url, silent, QUICK);
      onTestFinished(() => {
        client.destroy();
        link.close();
      });
      const connected = connectWithin(client, PATIENT.timeout);
      await vi.waitFor(() => expect(link.joined).toBeGreaterThanOrEqual(2), PATIENT);
      link.mend();
      expect(await connected).toBe(true);
    });

    it("is kept while it answers pings, though no command is sent", async () => {
      // A slow answer on a busy machine is not silence.
      const { link, client } = await open({ ...QUICK, pingTimeoutMs: 60_000, handshakeTimeoutMs: 3_000 });
      const answered = async () =>
        Number(/cmdstat_ping:calls=(\d+)/.exec(await direct.info("commandstats"))?.[1] ?? 0);
      const before = await answered();
      await vi.waitFor(async () => expect((await answered()) - before).toBeGreaterThan(400), {
        ...PATIENT,
        interval: 200,
      });
      expect([client.isReady, link.joined]).toEqual([true, 1]);
    });

    it("ends for good when its owner ends it", async () => {
      const { link, client, lines } = await open();
      link.silence();
      client.destroy();
      const other = await open();
      other.link.silence();
      await vi.waitFor(() => expect(other.link.joined).toBeGreaterThanOrEqual(2), PATIENT);
      expect([client.isOpen, link.joined]).toEqual([false, 1]);
      expect(lines.at(-1)).toBe("Redis: connected");
    });
  },
);
