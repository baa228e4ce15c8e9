import { randomInt } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { FallbackCooldownStore } from "../../../src/adapters/fallback/index.ts";
import {
  createInMemoryPorts,
  InMemoryCooldownStore,
  InMemoryDatabase,
  InMemoryNews,
  SystemClock,
  WebChance,
} from "../../../src/adapters/in-memory/index.ts";
import { RedisCooldownStore } from "../../../src/adapters/redis/index.ts";
import { createKeyPool, type KeyPool } from "../../../src/application/index.ts";
import { type KeyId, leaseName, type Pool } from "../../../src/domain/index.ts";
import type { LeasingStore } from "../../../src/testing/lease-store.ts";
import { JOBS_BY_HAND } from "../../../src/testing/pool.ts";
import { type Client, connect, findRedis, freshPrefix, reach } from "../../servers/redis-server.ts";
import { rounds } from "../../situations/long-run.ts";

const LIMITS = [1, 1, 2, 3, 5];
const LONGEST_MS = 2_000;
const REGIONS = ["eastasia", "westus"];
const found = await findRedis();

interface Held {
  readonly name: string;
  readonly keyId: KeyId;
  readonly by: Instance;
  until: number;
}

interface Instance {
  readonly pool: KeyPool;
  isDead: boolean;
}

/** Several instances over one database, one of them killed now and then, and callers that know what they hold. */
class Callers {
  readonly #join: () => Promise<KeyPool>;
  readonly #limits = new Map<KeyId, number>();
  #held = new Map<string, Held>();
  #instances: Instance[] = [];
  #now = 0;
  leased = 0;

  constructor(join: () => Promise<KeyPool>) {
    this.#join = join;
  }

  async open(count: number): Promise<void> {
    for (let i = 0; i < count; i++) this.#instances.push({ pool: await this.#join(), isDead: false });
    for (const [index, maxInFlight] of LIMITS.entries()) {
      const secret = `secret${String(index).padStart(26, "0")}`;
      const place = { region: "eastasia", tag: index % 2 ? "a" : null, maxInFlight };
      const key = await this.#any().pool.addKey.execute({ service: "speech", secret, ...place });
      this.#limits.set(key.id, maxInFlight);
    }
  }

  get pools(): readonly KeyPool[] {
    return this.#instances.map(({ pool }) => pool);
  }

  get keyIds(): readonly KeyId[] {
    return [...this.#limits.keys()];
  }

  /** So many things happen at once. */
  async round(): Promise<void> {
    await Promise.all(Array.from({ length: 1 + randomInt(12) }, () => this.#act()));
  }

  /** One instance is gone, without a word, and another one takes its place. */
  async kill(): Promise<void> {
    const index = randomInt(this.#instances.length);
    for (const instance of this.#instances.splice(index, 1)) instance.isDead = true;
    this.#instances.push({ pool: await this.#join(), isDead: false });
  }

  /** What only an instance that is dead has known is lost. */
  forgetDead(): void {
    for (const [name, { by }] of this.#held) if (by.isDead) this.#held.delete(name);
  }

  async lookAfter(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.jobs.run("look after leases")));
  }

  async #act(): Promise<void> {
    const dice = randomInt(20);
    if (dice < 10) await this.#lease();
    else if (dice < 17) await this.#release();
    else if (dice < 19) await this.#renew();
    else await this.#move();
  }

  async #lease(): Promise<void> {
    const by = this.#any();
    const pool: Pool = { service: "speech", region: REGIONS[randomInt(2)] as string };
    const request = { pool: randomInt(3) ? pool : { ...pool, tag: "a" }, ttlSeconds: 1 + randomInt(2) };
    const answer = await by.pool.leases?.lease.execute(request);
    if (answer?.status !== "leased") return;
    this.leased++;
    const { keyId, until } = answer.lease;
    this.#now = Math.max(this.#now, answer.at);
    this.#held.set(leaseName(answer.lease), { name: leaseName(answer.lease), keyId, by, until });
    const inUse = [...this.#held.values()].filter((held) => held.keyId === keyId && held.until > this.#now);
    expect(inUse.length, `leases of key ${keyId} at a time`).toBeLessThanOrEqual(
      this.#limits.get(keyId) ?? 0,
    );
  }

  async #release(): Promise<void> {
    const held = this.#take();
    const code = randomInt(2) ? { code: 200 } : {};
    if (held) await this.#any().pool.leases?.release.execute({ lease: held.name, ...code });
  }

  async #renew(): Promise<void> {
    const held = this.#take();
    const by = this.#any();
    if (!held) return;
    const lease = await by.pool.leases?.renew
      .execute({ lease: held.name, ttlSeconds: 1 + randomInt(2) })
      .catch(() => undefined);
    // From here on it is another's too, to restore; whether it counts for one that has died need not be known.
    if (lease) this.#held.set(held.name, { ...held, by, until: lease.until });
  }

  async #move(): Promise<void> {
    const id = this.keyIds[randomInt(LIMITS.length)];
    const region = REGIONS[randomInt(2)] as string;
    await this.#any().pool.updateKey.execute("speech", String(id), { region });
  }

  #take(): Held | undefined {
    const held = [...this.#held.values()][randomInt(Math.max(1, this.#held.size))];
    if (held) this.#held.delete(held.name);
    return held;
  }

  #any(): Instance {
    return this.#instances[randomInt(this.#instances.length)] as Instance;
  }
}

/** After all have run out, each key has as much room as it may have, and no more. */
async function expectNothingLeft(callers: Callers): Promise<void> {
  const [pool] = callers.pools;
  if (!pool?.leases) throw new Error("Nothing is leased");
  const keys = await Promise.all(callers.keyIds.map((id) => pool.showKey.execute("speech", String(id))));
  expect(await pool.leases.count(keys.map(({ key }) => key))).toEqual(LIMITS.map(() => 0));
  const counts = new Map<KeyId, number>();
  for (const region of REGIONS) {
    for (;;) {
      const answer = await pool.leases.lease.execute({ pool: { service: "speech", region } });
      if (answer.status !== "leased") break;
      counts.set(answer.key.id, (counts.get(answer.key.id) ?? 0) + 1);
    }
  }
  expect(callers.keyIds.map((id) => counts.get(id))).toEqual(LIMITS);
}

it("on one instance never more of a key is in use than its limit, and nothing is left over", async () => {
  const clock = new SystemClock();
  const ports = { ...createInMemoryPorts(clock), scheduler: JOBS_BY_HAND };
  const callers = new Callers(async () => {
    const pool = createKeyPool(ports);
    await pool.start();
    return pool;
  });
  await callers.open(1);
  for (let round = 0; round < rounds(200, 10_000); round++) await callers.round();
  expect(callers.leased).toBeGreaterThan(20);
  const over = clock.now() + LONGEST_MS;
  while (clock.now() <= over) await new Promise((resolve) => setTimeout(resolve, 50));
  await expectNothingLeft(callers);
});

describe.skipIf("missing" in found)(
  `leases of three instances ${"missing" in found ? found.missing : ""}`,
  () => {
    if ("missing" in found) return void it("needs a server", () => {});
    const clients: Client[] = [];
    afterAll(async () => {
      for (const client of clients) client.destroy();
      await found.server.stop();
    });

    it("are never more of a key than its limit, whoever is killed and whenever Redis loses all", async () => {
      const client = await connect(found.server.url);
      clients.push(client);
      const { prefix, clean } = freshPrefix(client);
      const [database, news, clock] = [new InMemoryDatabase(), new InMemoryNews(), new SystemClock()];
      let isSettled = true;
      const join = async () => {
        const own = await connect(found.server.url);
        clients.push(own);
        const settling = new RedisCooldownStore(own, { prefix, settleMs: 3_600_000 });
        const settled = new RedisCooldownStore(own, { prefix, settleMs: 0 });
        const shared = new Proxy<LeasingStore>(settled, {
          get: (_, name) => {
            const store = name === "lease" && !isSettled ? settling : settled;
            return Reflect.get(store, name).bind(store);
          },
        });
        const store = new FallbackCooldownStore(shared, new InMemoryCooldownStore(clock));
        const pool = createKeyPool({
          ...createInMemoryPorts(clock, database),
          ...{ cooldowns: store, leases: { store, chance: new WebChance() }, news, scheduler: JOBS_BY_HAND },
        });
        await pool.start();
        return pool;
      };
      const callers = new Callers(join);
      await callers.open(3);
      // What was lost with a list counts until it has run out, so that a run may have to wait for that.
      for (let round = 0; round < rounds(150, 10_000) || callers.leased <= 50; round++) {
        if (randomInt(25) === 0) await callers.kill();
        if (randomInt(25) === 0) {
          isSettled = false;
          await clean();
          callers.forgetDead();
          await callers.round();
          await callers.lookAfter();
          isSettled = true;
        } else await callers.round();
      }
      // Also those that were returned at another instance than gave them, and were restored all the same.
      await reach(client, clock.now() + LONGEST_MS);
      await expectNothingLeft(callers);
      await clean();
    });
  },
);
