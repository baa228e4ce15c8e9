import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type EventCaller, watchEvents } from "../adapters/http/events/event-caller.ts";
import { Api } from "../servers/api.ts";
import { freshDatabase, type PostgresServer } from "../servers/postgres-server.ts";
import { connect, findPrivateRedis, type PrivateRedis } from "../servers/redis-server.ts";
import { TcpLink } from "../servers/tcp-link.ts";
import { isLongRun } from "../situations/long-run.ts";
import { Fleet, findServers, type Instance, type Peculiarity, RECONCILE_MS } from "./fleet.ts";
import { CLOCKS_APART_MS, endsOfGroup, secretOf, serveHere, until } from "./servers.ts";

const HAND_OUTS = 30_000;
const KEYS = 100;
const WORKERS = 24;
/** So long that what a test waits for cannot come from reconciling. */
const NEVER_MS = 9_999_000;

type Here = Awaited<ReturnType<typeof serveHere>>;

const found = await findServers();

describe.skipIf("missing" in found)(`instances that share ${"missing" in found ? found.missing : ""}`, () => {
  const { postgres } = found as { postgres: PostgresServer };
  const atTheEnd = endsOfGroup();
  atTheEnd(() => postgres.stop());

  async function open(peculiarities?: readonly Peculiarity[]) {
    const fleet = await Fleet.open(postgres, peculiarities);
    onTestFinished(() => fleet.close());
    return fleet;
  }

  /** `join` starts one in this process that has nothing in common with the others but Redis and the database. */
  async function openHere(reconcileMs: number) {
    const redis = await findPrivateRedis();
    if ("missing" in redis) throw new Error(redis.missing);
    atTheEnd(() => redis.server.stop());
    const { url, drop } = await freshDatabase(postgres);
    atTheEnd(drop);
    const join = (redisUrl = redis.server.url) =>
      serveHere(
        {
          DATABASE_URL: url,
          REDIS_URL: redisUrl,
          RECONCILE_INTERVAL_SECONDS: String(reconcileMs / 1000),
        },
        atTheEnd,
      );
    return { redis: redis.server, join };
  }

  it.runIf(isLongRun)(`hand out ${KEYS} keys evenly, ${HAND_OUTS} times over three of them`, async () => {
    const { instances } = await open();
    const apis = instances.map(({ api }) => api);
    await inParallel(KEYS, (n) => (apis[0] as Api).add(secretOf(n)));
    const uses = new Map<string, number>();
    await inParallel(HAND_OUTS, async (n) => {
      const { body } = await (apis[n % apis.length] as Api).handOut();
      uses.set(body.data.key, (uses.get(body.data.key) ?? 0) + 1);
    });
    expect(uses.size).toBe(KEYS);
    const fair = HAND_OUTS / KEYS;
    for (const count of uses.values()) expect(Math.abs(count - fair)).toBeLessThanOrEqual(fair / 100);
  });

  describe("that do not reconcile", () => {
    let join: () => Promise<Here>;
    let a: Here;
    let b: Here;
    beforeAll(async () => {
      ({ join } = await openHere(NEVER_MS));
      [a, b] = [await join(), await join()];
    });

    it("tell those who watch one order of events, and go on with it for who comes from another", async () => {
      const watchers = [await watch(a), await watch(b)] as const;
      for (const { api } of [a, b]) await api.add(secretOf(api === a.api ? "a" : "b"));
      await inParallel(200, (n) => (n % 2 === 0 ? a : b).api.report(secretOf("a"), 200));
      for (const watcher of watchers) await watcher.has(202);
      expect(watchers[0].messages).toEqual(watchers[1].messages);
      const place = watchers[0].messages[99]?.id as string;
      for (const instance of [b, await join()]) {
        const resumed = await watch(instance, `?last_event_id=${place}`);
        await resumed.has(102);
        expect(resumed.messages).toEqual(watchers[0].messages.slice(100));
      }
    });

    it("hear of each other's changes", async () => {
      await expectSeen(a.api, b.api);
    });

    // From here on the door is closed.
    it("hear of tokens made and revoked, and end the streams of those", async () => {
      const watcher = await watch(b);
      const { body } = await a.api.post("/tokens", { name: "root", role: "admin" });
      await watcher.closed;
      await until(
        () => b.api.get("/keys/stats"),
        ({ status }) => status === 401,
      );
      const asRoot = new Api(a.server, body.data.token);
      const made = await asRoot.post("/tokens", { name: "dash", role: "viewer" });
      const asViewer = new Api(b.server, made.body.data.token);
      await until(
        () => asViewer.get("/keys/stats"),
        ({ status }) => status === 200,
      );
      const again = await watch(b, "?", made.body.data.token);
      await asRoot.delete(`/tokens/${made.body.data.id}`);
      await again.closed;
      for (const { messages } of [watcher, again]) {
        expect(messages.at(-1)).toEqual({ event: "end", data: { reason: "not_allowed" } });
      }
      for (const { server } of [a, b])
        expect((await new Api(server, made.body.data.token).get("/keys/stats")).status).toBe(401);
    });
  });

  describe("that reconcile", () => {
    let redis: PrivateRedis;
    let link: TcpLink;
    let a: Here;
    let b: Here;
    beforeAll(async () => {
      const { join, ...opened } = await openHere(RECONCILE_MS);
      redis = opened.redis;
      link = await TcpLink.to(redis.url);
      atTheEnd(() => link.close());
      [a, b] = [await join(link.url), await join()];
    });

    it("tell those who watch to start over when one of them was cut off from Redis", async () => {
      await a.api.add(secretOf("key"));
      const [here, there] = [await watch(a), await watch(b)];
      link.cut();
      await until(
        async () => a.server.log.map(({ msg }) => msg),
        (said) => said.includes("Redis: Socket closed unexpectedly"),
      );
      await a.api.report(secretOf("key"), 200);
      await here.has(1);
      expect(there.messages).toEqual([]);
      link.mend();
      for (const watcher of [here, there]) {
        await until(
          async () => watcher.messages,
          (messages) => messages.some(({ event }) => event === "reset"),
        );
      }
      const count = there.messages.length;
      await a.api.report(secretOf("key"), 200);
      await there.has(count + 1);
      const { id } = there.messages.at(-1) ?? {};
      await until(
        async () => here.messages.at(-1)?.id,
        (last) => last === id,
      );
    });

    // Takes rights from Redis, so it comes last here.
    it("see each other's changes by reconciling when all news is lost", async () => {
      const admin = await connect(redis.url);
      onTestFinished(() => admin.close());
      // Without these rights no instance can subscribe, so announcements reach no one.
      await admin.sendCommand(["ACL", "SETUSER", "default", "resetchannels"]);
      await admin.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
      for (const { api } of [a, b]) {
        await until(
          () => api.get("/health"),
          ({ body }) => body.data.status === "healthy",
        );
      }
      await expectSeen(a.api, b.api);
      await expectTokensShared([a, b]);
    });
  });

  it.runIf(isLongRun)("are together again soon after the connection of one went silent", async () => {
    const { instances } = await open([{ isLinked: true, reconcileMs: NEVER_MS }, { reconcileMs: NEVER_MS }]);
    const [a, b] = instances as [Instance, Instance];
    a.link?.silence();
    // No request is made that could reveal the silence: the pings must.
    await a.server.logged("Redis: the connection is silent and is replaced");
    await until(
      () => a.api.get("/health"),
      ({ body }) => body.data.status === "healthy",
    );
    // Its subscription is another connection, and as silent.
    await until(
      async () => a.server.log.filter(({ msg }) => msg === "Redis: connected"),
      ({ length }) => length === 6,
    );
    await expectSeen(b.api, a.api);
  });

  it.runIf(isLongRun)("agree on every deadline though their clocks differ by seconds", async () => {
    const { instances } = await open([{}, { clockShiftMs: 3_000 }, { clockShiftMs: -3_000 }]);
    const apis = instances.map(({ api }) => api);
    const [a] = apis as [Api];
    await a.set("cooldown_seconds", 1);
    await a.set("protection_period_seconds", 0);
    await a.add(secretOf("skewed"));
    await Promise.all(
      apis.map((api) =>
        until(
          () => api.handOut(),
          ({ status }) => status === 200,
        ),
      ),
    );
    // The instance whose clock is ahead would be the first to end a cooldown early.
    for (const cooledBy of apis) {
      await until(
        () => cooledBy.report(secretOf("skewed"), 429),
        ({ body }) => body.data.action === "cooldown",
      );
      const resting = await Promise.all(apis.map((api) => api.handOut()));
      expect(resting.map(({ body }) => body.code)).toEqual(apis.map(() => "all_keys_cooling"));
      const deadlines = resting.map(({ body }) => body.data.availableAt);
      expect(new Set(deadlines).size).toBe(1);
      // Redis has this machine's clock, as the test has.
      const deadline = Date.parse(deadlines[0]);
      await Promise.all(
        apis.map(async (api) => {
          const { askedAt, status } = await until(
            async () => ({ askedAt: Date.now(), status: (await api.handOut()).status }),
            ({ askedAt, status }) => status === 200 || askedAt > deadline + CLOCKS_APART_MS,
          );
          expect(status, `asked ${askedAt - deadline} ms after the deadline`).toBe(200);
          expect(Date.now()).toBeGreaterThanOrEqual(deadline - CLOCKS_APART_MS);
        }),
      );
    }
  });
});

async function watch({ server }: Sharing, query = "?", token?: string): Promise<EventCaller> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const caller = await watchEvents(server.url, `${query}&kinds=key,report`, headers);
  onTestFinished(() => caller.hangUp());
  return caller;
}

/** A rename, a tag, a setting and a new key of the one are seen by the other. */
async function expectSeen(one: Api, other: Api): Promise<void> {
  const { body } = await one.add(secretOf("first"), "westus");
  await until(
    () => other.get("/keys/get?region=westus"),
    ({ status }) => status === 200,
  );
  await one.put(`/keys/${body.data.id}`, { keyname: "renamed" });
  await until(
    () => other.get("/keys/get?region=westus"),
    (answer) => answer.body.data?.keyname === "renamed",
  );
  await one.put(`/keys/${body.data.id}`, { tag: "tagged" });
  await until(
    () => other.get("/keys/get?region=westus"),
    (answer) => answer.body.data?.tag === "tagged",
  );
  await one.set("cooldown_codes", "429,503");
  await until(
    async () => {
      const answer = await other.report(secretOf("first"), 503);
      return answer.body.data.action;
    },
    (action) => action === "cooldown",
  );
}

async function inParallel(count: number, act: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
}

interface Sharing {
  readonly server: { readonly url: string };
  readonly api: Api;
}

/** What the one makes and revokes, the other lets in and refuses. */
async function expectTokensShared([one, other]: readonly [Sharing, Sharing]): Promise<void> {
  const make = async (api: Api, role: string) =>
    (await api.post("/tokens", { name: role, role })).body.data as {
      readonly id: string;
      readonly token: string;
    };
  // Asked so often, a bad token is soon answered 429.
  const seen = (api: Api, ...expected: readonly number[]) =>
    until(
      () => api.get("/keys/stats"),
      ({ status }) => expected.includes(status),
    );
  const admin = await make(one.api, "admin");
  await seen(other.api, 401);
  const asAdmin = new Api(one.server, admin.token);
  const viewer = await make(asAdmin, "viewer");
  const asViewer = new Api(other.server, viewer.token);
  await seen(asViewer, 200);
  expect((await asAdmin.delete(`/tokens/${viewer.id}`)).status).toBe(200);
  await seen(asViewer, 401, 429);
  expect((await new Api(one.server, viewer.token).get("/keys/stats")).status).toBe(401);
}
