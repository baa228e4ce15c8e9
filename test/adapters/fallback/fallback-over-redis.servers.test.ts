import { afterAll, describe, it } from "vitest";
import { FallbackCooldownStore, SharedClock } from "../../../src/adapters/fallback/index.ts";
import { InMemoryCooldownStore, SystemClock } from "../../../src/adapters/in-memory/index.ts";
import { RedisCooldownStore } from "../../../src/adapters/redis/index.ts";
import { describeCooldownStore } from "../../../src/testing/cooldown-store.ts";
import { connect, findRedis, freshPrefix, reach } from "../../servers/redis-server.ts";

const found = await findRedis();

if ("missing" in found) {
  describe.skip(`CooldownStore: Redis with a local fallback (${found.missing})`, () =>
    it("needs a server", () => {}));
} else {
  const client = await connect(found.server.url);
  afterAll(async () => {
    await client.close();
    await found.server.stop();
  });

  describeCooldownStore("Redis with a local fallback", async () => {
    const { prefix, clean } = freshPrefix(client);
    const join = () => {
      const clock = new SharedClock(new SystemClock());
      const local = new InMemoryCooldownStore(clock);
      // So patient that a slow machine does not make it go on alone.
      const options = { clock, patienceMs: 600_000 };
      return new FallbackCooldownStore(new RedisCooldownStore(client, { prefix }), local, options);
    };
    return {
      store: join(),
      other: join(),
      reach: (instant) => reach(client, instant),
      lose: clean,
      close: clean,
    };
  });
}
