import { afterAll, describe, expect, it } from "vitest";
import {
  createInMemoryPorts,
  InMemoryDatabase,
  InMemoryNews,
  SystemClock,
  WebChance,
} from "../../../src/adapters/in-memory/index.ts";
import { RedisCooldownStore } from "../../../src/adapters/redis/index.ts";
import { createKeyPool } from "../../../src/application/index.ts";
import { leaseName } from "../../../src/domain/index.ts";
import { JOBS_BY_HAND, secretOf } from "../../../src/testing/pool.ts";
import { connect, findRedis, freshPrefix } from "../../servers/redis-server.ts";

const found = await findRedis();
const EAST = { service: "speech", region: "eastasia" } as const;
const WEST = { service: "speech", region: "westus" } as const;

describe.skipIf("missing" in found)(
  `leases of a key that is moved in Redis ${"missing" in found ? found.missing : ""}`,
  async () => {
    if ("missing" in found) return void it("needs a server", () => {});
    const client = await connect(found.server.url);
    const { prefix, clean } = freshPrefix(client);
    afterAll(async () => {
      await clean();
      client.destroy();
      await found.server.stop();
    });

    it.each([0, 1])(
      "come along, but for one that was returned at another instance than gave it: %i",
      async (kept) => {
        await clean();
        const [database, news, clock] = [new InMemoryDatabase(), new InMemoryNews(), new SystemClock()];
        const join = async () => {
          const store = new RedisCooldownStore(client, { prefix, settleMs: 0 });
          const pool = createKeyPool({
            ...createInMemoryPorts(clock, database),
            ...{
              cooldowns: store,
              leases: { store, chance: new WebChance() },
              news,
              scheduler: JOBS_BY_HAND,
            },
          });
          await pool.start();
          if (!pool.leases) throw new Error("Nothing is leased");
          return { ...pool, leases: pool.leases };
        };
        const [giver, other] = [await join(), await join()];
        const key = await giver.addKey.execute({ ...EAST, secret: secretOf(1), maxInFlight: kept + 1 });
        const leases = [];
        for (let i = 0; i <= kept; i++)
          leases.push(await giver.leases.lease.execute({ pool: EAST, ttlSeconds: 3_600 }));
        const [returned] = leases;
        if (returned?.status !== "leased") throw new Error(returned?.status);
        await other.leases.release.execute({ lease: leaseName(returned.lease) });
        await other.updateKey.execute("speech", String(key.id), { region: "westus" });
        await giver.jobs.run("reconcile with the database");
        await giver.jobs.run("look after leases");
        expect(await giver.leases.count([{ ...key, ...WEST }])).toEqual([kept]);
        const next = async () => (await other.leases.lease.execute({ pool: WEST })).status;
        expect([await next(), await next()]).toEqual(["leased", "all-busy"]);
      },
    );
  },
);
