import { afterAll, describe, it } from "vitest";
import { RedisCooldownStore } from "../../../src/adapters/redis/index.ts";
import { describeCooldownStore } from "../../../src/testing/cooldown-store.ts";
import { describeLeaseStore } from "../../../src/testing/lease-store.ts";
import { connect, findRedis, freshPrefix, reach } from "../../servers/redis-server.ts";

const found = await findRedis();

if ("missing" in found) {
  describe.skip(`CooldownStore: Redis (${found.missing})`, () => it("needs a server", () => {}));
} else {
  const { url } = found.server;
  // What one instance writes over one protocol version, another reads over the other.
  const [client, otherClient] = [await connect(url, { RESP: 3 }), await connect(url, { RESP: 2 })];
  afterAll(async () => {
    await Promise.all([client.close(), otherClient.close()]);
    await found.server.stop();
  });

  describeCooldownStore("Redis", async () => {
    const { prefix, clean } = freshPrefix(client);
    const store = new RedisCooldownStore(client, { prefix });
    const other = new RedisCooldownStore(otherClient, { prefix });
    return { store, other, reach: (instant) => reach(client, instant), lose: clean, close: clean };
  });

  describeLeaseStore("Redis", async () => {
    const { prefix, clean } = freshPrefix(client);
    const store = new RedisCooldownStore(client, { prefix, settleMs: 0 });
    const other = new RedisCooldownStore(otherClient, { prefix, settleMs: 0 });
    return { store, other, reach: (instant) => reach(client, instant), lose: clean, close: clean };
  });
}
