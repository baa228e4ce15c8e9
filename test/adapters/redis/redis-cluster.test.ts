import { afterAll, describe, expect, it } from "vitest";
import { RedisCooldownStore } from "../../../src/adapters/redis/index.ts";
import * as changeSeats from "../../../src/adapters/redis/scripts/change-seats.ts";
import { Script } from "../../../src/adapters/redis/scripts/script.ts";
import * as takeLease from "../../../src/adapters/redis/scripts/take-lease.ts";
import * as takeTurn from "../../../src/adapters/redis/scripts/take-turn.ts";
import { describeCooldownStore } from "../../../src/testing/cooldown-store.ts";
import { describeLeaseStore } from "../../../src/testing/lease-store.ts";
import { connect, connectCluster, findPrivateRedis, freshPrefix, reach } from "../../servers/redis-server.ts";

const found = await findPrivateRedis({ cluster: true });

if ("missing" in found) {
  describe.skip(`CooldownStore: Redis Cluster (${found.missing})`, () => it("needs a server", () => {}));
} else {
  const { server } = found;
  const cluster = await connectCluster(server.url);
  const client = await connect(server.url);
  afterAll(async () => {
    cluster.destroy();
    client.destroy();
    await server.stop();
  });

  describeCooldownStore("Redis Cluster", async () => {
    const { prefix } = freshPrefix(client);
    const store = new RedisCooldownStore(cluster, { prefix });
    const close = async () => {
      await client.flushAll();
    };
    return { store, other: store, reach: (instant) => reach(client, instant), lose: close, close };
  });

  describeLeaseStore("Redis Cluster", async () => {
    const { prefix } = freshPrefix(client);
    const store = new RedisCooldownStore(cluster, { prefix, settleMs: 0 });
    const close = async () => {
      await client.flushAll();
    };
    return { store, other: store, reach: (instant) => reach(client, instant), lose: close, close };
  });
}

describe("scripts", () => {
  const scripts = Object.entries({ ...changeSeats, ...takeTurn, ...takeLease });
  const pieces = ["standings", "ready", "resting", "tagged", "leases", "leasing", "counts"];

  for (const [name, script] of scripts) {
    it(`${name} touches the keys it was given and no others`, () => {
      expect(script).toBeInstanceOf(Script);
      const commands = [...script.text.matchAll(/redis\.call\('(\w+)'(?:, ([^,)]+))?/g)];
      expect(commands.length).toBeGreaterThan(1);
      for (const [, command, key] of commands) {
        if (command === "TIME") continue;
        expect([...pieces, "key"]).toContain(key);
      }
      expect(script.text).not.toMatch(/redis\.(pcall(?!\('INFO', )|setresp|replicate_commands)|FCALL/);
    });
  }
});
