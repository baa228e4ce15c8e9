import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeyStream } from "../../../../src/adapters/http/keys/key-stream.ts";
import { watchMessage } from "../../../../src/adapters/http/keys/watch-schemas.ts";
import type { Access } from "../../../../src/application/index.ts";
import { until } from "../../../../src/testing/until.ts";
import { callStream, type EventCaller } from "../events/event-caller.ts";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";
import { rawCaller, requestText } from "../raw-caller.ts";
import { SERVICES_UNDER_TEST } from "../services.ts";

let api: Api;
let callers: EventCaller[];

async function serve(...options: Parameters<typeof openApi>): Promise<void> {
  await api?.close();
  api = await openApi(...options);
}

beforeEach(async () => {
  callers = [];
  await serve();
});
afterEach(async () => {
  for (const caller of callers) caller.hangUp();
  await api.close();
});

async function watch(query = "", headers = {}, base = "/keys"): Promise<EventCaller> {
  const caller = await callStream(`${api.url}/api${base}/watch${query}`, headers);
  callers.push(caller);
  return caller;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const tokenOf = async (fields = {}) =>
  (api.pool.access as Access).create({ name: "t", role: "client", ...fields });
const report = (number: number, code: number, base = "/keys") =>
  api.post(`${base}/status`, { key: secretOf(number), code });
const told = ({ messages }: EventCaller) =>
  messages.map(({ event, data }) => (event === "key" ? data.id : [event, ...Object.values(data)].join(" ")));
const refused = async (query: string, headers = {}) => {
  const { status, json } = await api.send("GET", `/keys/watch${query}`, undefined, headers);
  return [status, json?.code, json?.details?.map(({ field }: { field: string }) => field)];
};
const allDocumented = ({ messages }: EventCaller) => {
  for (const message of messages) expect(watchMessage.safeParse(message).error).toBeUndefined();
};

describe.each(SERVICES_UNDER_TEST)("GET $base/watch", ({ base, region }) => {
  it("tells the key to use as a hand-out does, and each other as the one before goes", async () => {
    await addKeys(api, 3, base, region);
    const caller = await watch("", {}, base);
    await caller.has(1);
    const [first] = caller.messages;
    const created_at = "2026-01-01T00:00:00.000Z";
    const named = { region, keyname: "Key 1", tag: null, status: "enabled", created_at };
    expect(first?.data).toEqual({ id: 1, key: secretOf(1), ...named });
    await report(1, 429, base);
    await caller.has(2);
    await report(2, 401, base);
    await caller.has(3);
    await report(3, 429, base);
    await caller.has(4);
    await api.post(`${base}/2/enable`);
    await caller.has(5);
    expect(told(caller)).toEqual([1, 2, 3, "none 2026-01-01T00:05:00.000Z", 2]);
    allDocumented(caller);
    await api.pool.jobs.run("write usage");
    const { keys } = (await api.get(`${base}?page=1`)).json.data;
    expect(keys.map(({ usage_count }: { usage_count: number }) => usage_count)).toEqual([1, 2, 1]);
  });
});

describe("GET /keys/watch", () => {
  it("is about the region and tag that are asked for", async () => {
    await api.post("/keys", { key: secretOf(1), region: "westus", tag: "gold" });
    await api.post("/keys", { key: secretOf(2), region: "westus" });
    const [region, tag, none] = [
      await watch("?region=WestUS"),
      await watch("?region=westus&tag=gold"),
      await watch(),
    ];
    for (const caller of [region, tag, none]) await caller.has(1);
    expect([region, tag, none].map(told)).toEqual([[1], [1], ["none "]]);
  });

  it.each([
    ["?region=a.b", "region"],
    ["?rotate_seconds=0", "rotate_seconds"],
    ["?rotate_seconds=86401", "rotate_seconds"],
    ["?rotate_seconds=x", "rotate_seconds"],
    ["?last_event_id=7", "last_event_id"],
    ["?kinds=key", "kinds"],
  ])("refuses %s and names the field", async (query, field) => {
    expect(await refused(query)).toEqual([400, "invalid_request", [field]]);
  });

  it("changes a key in time where that is asked for", async () => {
    let change = () => {};
    await serve((ports) => ({
      ...ports,
      scheduler: {
        after: (ms, run) => {
          if (ms === 60_000) change = run;
          return ports.scheduler?.after(ms, run) ?? (() => {});
        },
      },
    }));
    await addKeys(api, 2);
    const caller = await watch("?rotate_seconds=60");
    await caller.has(1);
    change();
    await caller.has(2);
    expect(told(caller)).toEqual([1, 2]);
  });

  it("answers HEAD, takes no turn and opens nothing", async () => {
    await serve(undefined, [], { keyStreams: { most: 1 } });
    await addKeys(api, 2);
    for (let n = 0; n < 3; n++) {
      const { status, headers, text } = await api.send("HEAD", "/keys/watch");
      expect([status, headers.get("content-type"), text]).toEqual([
        200,
        "text/event-stream; charset=utf-8",
        "",
      ]);
    }
    const caller = await watch();
    await caller.has(1);
    expect(told(caller)).toEqual([1]);
    expect((await api.send("HEAD", "/keys/watch?region=_")).status).toBe(400);
  });
});

it("who comes back keeps the key that he had, by the header or the query, of which the header goes first", async () => {
  await addKeys(api, 4);
  const [first, second] = [await watch(), await watch()];
  for (const caller of [first, second]) {
    await caller.has(1);
    caller.hangUp();
  }
  const [one, two] = [first.messages[0]?.id as string, second.messages[0]?.id as string];
  for (const [query, headers, id] of [
    [`?last_event_id=${one}`, {}, 1],
    ["", { "last-event-id": two }, 2],
    [`?last_event_id=${one}`, { "last-event-id": two }, 2],
    ["", { "last-event-id": "nonsense" }, 3],
  ] as const) {
    const caller = await watch(query, headers);
    await caller.has(1);
    expect(told(caller)).toEqual([id]);
  }
});

describe("a token", () => {
  it("with a scope gets the keys in it, until they leave it", async () => {
    await addKeys(api, 1);
    await addKeys(api, 1, "/translation/keys", "eastasia");
    const [{ text: east }, { text: gold }] = [
      await tokenOf({ scope: { services: ["translation"] } }),
      await tokenOf({ scope: { tags: ["gold"] } }),
    ];
    await api.pool.updateKey.execute("translation", secretOf(1), { tag: "gold" });
    const callers = [
      await watch("", bearer(east)),
      await watch("?region=eastasia", bearer(east), "/translation/keys"),
      await watch("?region=eastasia", bearer(gold), "/translation/keys"),
    ];
    for (const caller of callers) await caller.has(1);
    await api.pool.updateKey.execute("translation", secretOf(1), { tag: "silver" });
    await callers[2]?.has(2);
    expect(callers.map(told)).toEqual([["none "], [2], [2, "none "]]);
  });

  it("has its budgets: refused at first, told of none later", async () => {
    await addKeys(api, 2);
    await api.pool.settings.save({ name: "client_distinct_keys_per_hour", value: "1" });
    const { text } = await tokenOf();
    const caller = await watch("", bearer(text));
    await caller.has(1);
    await api.pool.disableKey.execute("speech", secretOf(1));
    await caller.has(2);
    expect(told(caller)).toEqual([1, "none 2026-01-01T01:00:00.000Z"]);
    const late = await api.send("GET", "/keys/watch", undefined, bearer(text));
    expect([late.status, late.json.code, late.headers.get("retry-after")]).toEqual([
      429,
      "budget_exhausted",
      "3600",
    ]);
  });
});

describe("a token whose end has not been looked for yet", () => {
  it.each([
    ["revoked", (id: string) => (api.pool.access as Access).revoke(id)],
    ["over", async () => api.clock.advance(1_000)],
  ])("is told no key once it is %s", async (_, end) => {
    await serve(undefined, [], { keyStreams: { checkMs: 3_600_000 } });
    await addKeys(api, 2);
    await tokenOf();
    const { id, text } = await tokenOf({ expiresAt: api.clock.now() + 1_000 });
    const caller = await watch("", bearer(text));
    await caller.has(1);
    await end(id);
    await api.pool.disableKey.execute("speech", secretOf(1));
    await caller.has(2);
    expect(told(caller)).toEqual([1, "end not_allowed"]);
    await until(() => api.pool.measure().watchers[0]?.count === 0);
  });
});

describe("a stream", () => {
  it("has a connection for itself: a second one behind it takes no turn", async () => {
    await addKeys(api, 2);
    const caller = rawCaller(api.url);
    caller.socket.write(requestText("GET", "/api/keys/watch").repeat(2));
    await until(() => caller.received().includes("event: key"));
    const next = await watch();
    await next.has(1);
    expect(told(next)).toEqual([2]);
    caller.socket.destroy();
  });

  it("that is not read keeps the newest word and no more, and is told it when it is read again", async () => {
    await addKeys(api, 2);
    const keys = await api.pool.watchKey.execute({ service: "speech", region: "eastasia" });
    // More than lies on the way to a caller who does not read.
    const ahead = Buffer.alloc(20_000_000, "x");
    const server = createServer((_, res) => {
      res.write(ahead);
      new KeyStream(res, keys, () => true);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const caller = connect((server.address() as AddressInfo).port, "127.0.0.1");
    let text = "";
    caller.setEncoding("latin1").on("data", (chunk: string) => {
      if (!/^x+$/.test(chunk)) text += chunk;
    });
    caller.pause();
    caller.write(requestText("GET", "/"));
    await once(server, "request");
    for (let n = 0; n < 50; n++) {
      for (const number of [1, 2]) await api.pool.disableKey.execute("speech", secretOf(number));
      for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
      for (const number of [1, 2]) await api.pool.enableKey.execute("speech", secretOf(number));
    }
    await report(1, 401);
    await report(2, 401);
    caller.resume();
    await until(() => text.includes("event: none"));
    expect(text.match(/^event: \w+$/gm)).toEqual(["event: none"]);
    caller.destroy();
    keys.close();
    server.close();
  });

  it("is refused while no key can be taken, and does not break off for that later", async () => {
    let isAway = true;
    await serve((ports) => ({
      ...ports,
      cooldowns: new Proxy(ports.cooldowns, {
        get: (target, name) => {
          const method = Reflect.get(target, name);
          if (name !== "take") return typeof method === "function" ? method.bind(target) : method;
          return async (...given: Parameters<typeof target.take>) => {
            if (isAway) throw new Error("away");
            return target.take(...given);
          };
        },
      }),
    }));
    await addKeys(api, 1);
    expect(await refused("")).toEqual([500, "internal", undefined]);
    isAway = false;
    const caller = await watch();
    isAway = true;
    await report(1, 429);
    await caller.has(2);
    expect(told(caller)).toEqual([1, "none "]);
  });
});
