import { afterAll, describe, expect, it, vi } from "vitest";
import { RedisHealthIndicator } from "../../../src/adapters/redis/index.ts";
import { connect, findPrivateRedis } from "../../servers/redis-server.ts";

const found = await findPrivateRedis();

describe.skipIf("missing" in found)(
  `RedisHealthIndicator ${"missing" in found ? found.missing : ""}`,
  async () => {
    if ("missing" in found) return void it("needs a server", () => {});
    const { server } = found;
    afterAll(() => server.stop());

    it("is up, down while the server answers nothing, and down without it", async () => {
      const client = await connect(server.url);
      const health = new RedisHealthIndicator(client);
      expect([health.part, health.essential]).toEqual(["redis", false]);
      // A busy machine may be late with an answer; a server that runs answers in the end.
      const comesUp = () =>
        vi.waitFor(async () => expect(await health.check()).toEqual({ status: "up" }), 60_000);
      await comesUp();
      server.freeze();
      expect(await health.check()).toEqual({ status: "down", reason: "Redis does not answer" });
      server.thaw();
      await comesUp();
      await server.kill();
      expect(await health.check()).toMatchObject({ status: "down" });
      expect(await health.check()).toEqual({ status: "down", reason: "Redis is not connected" });
      client.destroy();
    });

    it("keeps the server's own words to itself when it refuses", async () => {
      const refusing = { isReady: true, ping: async () => Promise.reject(new Error("NOPERM user canary")) };
      expect(await new RedisHealthIndicator(refusing).check()).toEqual({
        status: "down",
        reason: "Redis fails",
      });
    });
  },
);
