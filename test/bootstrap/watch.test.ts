import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { callStream, type EventCaller } from "../adapters/http/events/event-caller.ts";
import type { Api } from "../servers/api.ts";
import { freshDatabase, type PostgresServer } from "../servers/postgres-server.ts";
import { findPrivateRedis, type PrivateRedis } from "../servers/redis-server.ts";
import { isLongRun } from "../situations/long-run.ts";
import { Fleet, findServers } from "./fleet.ts";
import { endsOfGroup, secretOf, serveHere, until } from "./servers.ts";

/** So long that what a test waits for cannot come from reconciling. */
const NEVER_SECONDS = "9999";
const KEYS = 6;
const WATCHERS = 200;

type Here = Awaited<ReturnType<typeof serveHere>>;

const found = await findServers();

describe.skipIf("missing" in found)(`who watches ${"missing" in found ? found.missing : ""}`, () => {
  const { postgres } = found as { postgres: PostgresServer };
  const atTheEnd = endsOfGroup();
  atTheEnd(() => postgres.stop());

  let redis: PrivateRedis;
  let a: Here;
  let b: Here;
  let c: Here;
  beforeAll(async () => {
    const own = await findPrivateRedis();
    if ("missing" in own) throw new Error(own.missing);
    redis = own.server;
    atTheEnd(() => redis.stop());
    const { url, drop } = await freshDatabase(postgres);
    atTheEnd(drop);
    const join = () =>
      serveHere(
        { DATABASE_URL: url, REDIS_URL: redis.url, RECONCILE_INTERVAL_SECONDS: NEVER_SECONDS },
        atTheEnd,
      );
    [a, b, c] = [await join(), await join(), await join()];
  });

  it("at any of three instances gets another key when its own rests at one, and goes on at the next", async () => {
    await a.api.add(secretOf(1));
    const watchers = await Promise.all([a, b, c].map(({ server }) => watch(server)));
    await has(watchers, secretOf(1));
    await a.api.add(secretOf(2));
    await c.api.report(secretOf(1), 429);
    await has(watchers, secretOf(2));
    await b.api.add(secretOf(3));
    await a.api.post("/keys/2/disable", {});
    await has(watchers, secretOf(3));

    const before = watchers[1] as EventCaller;
    await b.server.stop();
    await before.closed;
    expect(before.messages.at(-1)).toMatchObject({ event: "end", data: { reason: "stopping" } });
    const last = before.messages.findLast(({ event }) => event === "key")?.id as string;
    const again = await watch(c.server, { "last-event-id": last });
    await has([again], secretOf(3));
    expect(again.messages).toHaveLength(1);
  });

  // Ends Redis, so it comes last here.
  it("goes on while Redis is away: what is reported to its own instance changes its key", async () => {
    for (const n of [4, 5]) await a.api.add(secretOf(n));
    const watcher = await watch(a.server);
    await watcher.has(1);
    const own = keyOf(watcher) as string;
    await redis.stop();
    await a.api.report(own, 429);
    await watcher.has(2);
    expect(watcher.messages.at(-1)).toMatchObject({ event: "key" });
    expect(keyOf(watcher)).not.toBe(own);
  });

  it.runIf(isLongRun)(
    `${WATCHERS} at three processes, through 429s, disables and a kill, have one that works`,
    async () => {
      const fleet = await Fleet.open(postgres);
      onTestFinished(() => fleet.close());
      const [first, second, third] = fleet.instances;
      if (!first || !second || !third) throw new Error("There are three");
      await addKeys(first.api);
      const callers = await Promise.all(
        Array.from({ length: WATCHERS }, (_, n) => watch((fleet.instances[n % 3] ?? first).server)),
      );
      const useable = new Set(Array.from({ length: KEYS }, (_, n) => secretOf(n + 1)));
      const settle = (some: readonly EventCaller[]) =>
        until(
          async () => some.filter((caller) => !useable.has(keyOf(caller) ?? "")).length,
          (wrong) => wrong === 0,
        );
      await settle(callers);
      for (const [n, { api }] of [second, third, first].entries()) {
        useable.delete(secretOf(n + 1));
        await api.report(secretOf(n + 1), n === 1 ? 401 : 429);
        await settle(callers);
      }
      await third.server.kill();
      const dead = callers.filter((_, n) => n % 3 === 2);
      await Promise.all(dead.map(({ closed }) => closed));
      const back = await Promise.all(
        dead.map(async (caller) => {
          const last = caller.messages.findLast(({ event }) => event === "key")?.id as string;
          return { key: keyOf(caller), caller: await watch(second.server, { "last-event-id": last }) };
        }),
      );
      await settle(back.map(({ caller }) => caller));
      // Each goes on with the key that it had.
      expect(back.filter(({ key, caller }) => keyOf(caller) !== key)).toEqual([]);
      useable.delete(secretOf(4));
      await first.api.post("/keys/4/disable", {});
      await settle([...callers.filter((_, n) => n % 3 !== 2), ...back.map(({ caller }) => caller)]);
    },
  );
});

async function watch({ url }: { readonly url: string }, headers = {}): Promise<EventCaller> {
  const caller = await callStream(`${url}/api/keys/watch`, headers);
  onTestFinished(() => caller.hangUp());
  return caller;
}

async function addKeys(api: Api): Promise<void> {
  for (let n = 1; n <= KEYS; n++) await api.add(secretOf(n));
}

function keyOf({ messages }: EventCaller): string | undefined {
  return messages.at(-1)?.data.key;
}

async function has(callers: readonly EventCaller[], secret: string): Promise<void> {
  await until(
    async () => callers.map(keyOf),
    (keys) => keys.every((key) => key === secret),
    60_000,
  );
}
