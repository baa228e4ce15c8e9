import { afterAll, describe, expect, it } from "vitest";
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
      expect(await health.check()).toEqual({ status: "up" });
      server.freeze();
      const start = performance.now();
      expect(await health.check()).toEqual({ status: "down", reason: "Redis does not answer" });
      expect(performance.now() - start).toBeLessThan(1000);
      server.thaw();
      expect(await health.check()).toEqual({ status: "up" });
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
