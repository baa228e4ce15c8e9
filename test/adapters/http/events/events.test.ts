import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventMessage } from "../../../../src/adapters/http/events/event-schemas.ts";
import type { Access } from "../../../../src/application/index.ts";
import { until } from "../../../../src/testing/until.ts";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";
import { type EventCaller, watchEvents } from "./event-caller.ts";

let api: Api;
let callers: EventCaller[];
let sockets: Socket[];

async function serve(...options: Parameters<typeof openApi>): Promise<void> {
  await api?.close();
  api = await openApi(...options);
  sockets = [];
  api.server.server.on("connection", (socket) => sockets.push(socket));
}

beforeEach(async () => {
  callers = [];
  await serve();
});
afterEach(async () => {
  for (const caller of callers) caller.hangUp();
  await api.close();
});

async function watch(query = "", headers: Readonly<Record<string, string>> = {}): Promise<EventCaller> {
  const caller = await watchEvents(api.url, query, headers);
  callers.push(caller);
  return caller;
}

/** Until some of it lies in the server, for the caller reads nothing and the system takes some megabytes; answers how many events that took. */
async function fillUp(socket: Socket): Promise<number> {
  // Longer than any setting is, so that few are enough.
  const event = { kind: "setting", at: 0, actor: "caller", name: "long", value: "x".repeat(10_000) } as const;
  let count = 0;
  while (socket.writableLength === 0) {
    const before = socket.bytesWritten;
    for (let n = 0; n < 50; n++) api.feed.append(event);
    count += 50;
    await until(() => socket.bytesWritten > before || socket.writableLength > 0);
  }
  return count;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const tokenOf = async (fields = {}) =>
  (api.pool.access as Access).create({ name: "t", role: "viewer", ...fields });
const save = (value: string) => api.pool.settings.save({ name: "cooldown_seconds", value });
const valuesOf = ({ messages }: EventCaller) =>
  messages.map(({ event, data }) => (event === "setting" ? data.config_value : event));
const refused = async (query: string, headers = {}) => {
  const { status, json } = await api.send("GET", `/events${query}`, undefined, headers);
  return [status, json?.code, json?.details?.map(({ field }: { field: string }) => field)];
};

describe("GET /events", () => {
  it("tells each kind of event by its names, as documented, and no secret", async () => {
    // The first token ends the stream, but not before that was looked for.
    await serve(undefined, [], { eventStreams: { checkMs: 3_600_000 } });
    const caller = await watch();
    await addKeys(api, 1);
    await api.post("/keys/status", { key: secretOf(1), code: 429, note: secretOf(1) });
    await api.post("/config", { config_key: "cooldown_seconds", config_value: "60" });
    await api.post("/config", { config_key: "webhook", config_value: "https://a:b@example.com" });
    await api.post("/upload/create-keys", { jsonData: [{ key: secretOf(2), region: "eastasia" }] });
    await caller.has(8);
    const made = (await api.post("/tokens", { name: "dash", role: "admin" })).json.data;
    // It closes the door: a stream without a token hears of it, or is ended before.
    const place = caller.messages[7]?.id;
    const holder = await watch(`?last_event_id=${place}`, bearer(made.token));
    await holder.has(1);
    const messages = [...caller.messages.slice(0, 8), ...holder.messages];
    const at = "2026-01-01T00:00:00.000Z";
    const key = { key_id: 1, service: "speech", region: "eastasia", keyname: "Key 1", tag: null };
    const rows = { service: "speech", total: 1, skipped: 0, failed: 0 };
    const importId = caller.messages[5]?.data.import_id;
    expect(messages.map(({ event, data }) => [event, data])).toEqual([
      [
        "key",
        {
          ...{ at, actor: "caller", action: "add_key", ...key },
          ...{ status: "enabled", cooldown_until: null, code: null },
        },
      ],
      [
        "key",
        {
          ...{ at, actor: "caller", action: "cooldown_start", ...key },
          ...{ status: "cooldown", cooldown_until: "2026-01-01T00:05:00.000Z", code: 429 },
        },
      ],
      ["report", { at, ...key, code: 429, action: "cooldown", reason: null, status_changed: true }],
      ["setting", { at, actor: "caller", config_key: "cooldown_seconds", config_value: "60" }],
      ["setting", { at, actor: "caller", config_key: "webhook", config_value: null }],
      ["import", { at, import_id: importId, ...rows, done: 0, created: 0, ended: false }],
      ["import", { at, import_id: importId, ...rows, done: 1, created: 1, ended: false }],
      ["import", { at, import_id: importId, ...rows, done: 1, created: 1, ended: true }],
      ["token", { at, actor: "caller", action: "created", token_id: made.id, name: "dash" }],
    ]);
    for (const message of messages) expect(eventMessage.safeParse(message).error).toBeUndefined();
    for (const secret of [secretOf(1), secretOf(2), made.token.slice(17), "a:b@"]) {
      expect(caller.text() + holder.text()).not.toContain(secret);
    }
  });

  it("tells of another health", async () => {
    let isUp = true;
    const check = async () =>
      isUp ? ({ status: "up" } as const) : ({ status: "down", reason: "gone" } as const);
    await serve((ports) => ({ ...ports, health: [{ part: "redis", essential: false, check }] }));
    const caller = await watch("?kinds=health");
    await api.pool.jobs.run("watch health");
    isUp = false;
    await api.pool.jobs.run("watch health");
    await caller.has(1);
    const [message] = caller.messages;
    expect(message).toMatchObject({ event: "health", data: { status: "degraded" } });
    expect(message?.data.parts).toEqual([
      { name: "writes", status: "up" },
      { name: "redis", status: "down" },
    ]);
    expect(eventMessage.safeParse(message).error).toBeUndefined();
  });

  it("gives growing ids, and data in one line", async () => {
    const caller = await watch();
    for (const value of ["60", "61", "62"]) await save(value);
    await caller.has(3);
    const ids = caller.messages.map(({ id }) => id as string);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(3);
    expect(caller.text().match(/^data: \{.*\}$/gm)).toHaveLength(3);
  });

  it("tells of the kinds, service and region that are asked for", async () => {
    const reports = await watch("?kinds=report,setting");
    const westus = await watch("?region=westus&service=speech");
    await addKeys(api, 1, "/keys", "westus");
    await api.post("/keys", { key: secretOf(2), region: "eastasia" });
    await addKeys(api, 1, "/translation/keys", "westus");
    await save("60");
    await westus.has(2);
    await reports.has(1);
    expect(westus.messages).toMatchObject([
      { data: { region: "westus", service: "speech" } },
      { event: "setting" },
    ]);
    expect(reports.messages).toMatchObject([{ event: "setting" }]);
  });

  it.each([
    ["?service=tts", "service"],
    ["?region=a.b", "region"],
    ["?kinds=key,nonsense", "kinds"],
    ["?kinds=", "kinds"],
    ["?last_event_id=7", "last_event_id"],
    ["?kind=key", "kind"],
  ])("refuses %s and names the field", async (query, field) => {
    expect(await refused(query)).toEqual([400, "invalid_request", [field]]);
  });

  it("is not there where the pool tells nobody", async () => {
    await serve(({ events: _, ...ports }) => ports);
    expect((await api.get("/events")).status).toBe(404);
  });
});

describe("who comes back", () => {
  async function seen(count: number): Promise<readonly string[]> {
    const caller = await watch();
    for (let n = 0; n < count; n++) await save(String(60 + n));
    await caller.has(count);
    caller.hangUp();
    return caller.messages.map(({ id }) => id as string);
  }

  it("goes on behind the last event, by the header or the query, of which the header goes first", async () => {
    const [first = "", , third = ""] = await seen(4);
    for (const [query, headers, values] of [
      [`?last_event_id=${first}`, {}, ["61", "62", "63"]],
      ["", { "last-event-id": first }, ["61", "62", "63"]],
      [`?last_event_id=${first}`, { "last-event-id": third }, ["63"]],
    ] as const) {
      const caller = await watch(query, headers);
      await caller.has(values.length);
      expect(valuesOf(caller)).toEqual(values);
    }
  });

  it("has its place before the first event, once anything has happened", async () => {
    const [, last] = await seen(2);
    const caller = await watch();
    await until(() => caller.text() !== "");
    expect(caller.text()).toBe(`retry: 2000\nid: ${last}\n\n`);
  });

  it("starts over where the event is not known, and then has a place", async () => {
    const [, last] = await seen(2);
    for (const headers of [{ "last-event-id": "1-1" }, { "last-event-id": "nonsense" }]) {
      const caller = await watch("", headers);
      await caller.has(1);
      expect(caller.messages).toEqual([{ event: "reset", id: last, data: {} }]);
      expect(eventMessage.safeParse(caller.messages[0]).error).toBeUndefined();
    }
  });
});

describe("a token", () => {
  it("with a scope is told of its keys, and not of settings, tokens and parts of the health", async () => {
    let isUp = true;
    const check = async () =>
      isUp ? ({ status: "up" } as const) : ({ status: "down", reason: "gone" } as const);
    await serve((ports) => ({ ...ports, health: [{ part: "redis", essential: false, check }] }));
    await addKeys(api, 1, "/keys", "westus");
    const { text } = await tokenOf({ scope: { regions: ["westus"] } });
    const caller = await watch("", bearer(text));
    await api.pool.addKey.execute({ service: "speech", secret: secretOf(9), region: "eastasia" });
    await save("60");
    await api.pool.jobs.run("watch health");
    isUp = false;
    await api.pool.jobs.run("watch health");
    await api.pool.disableKey.execute("speech", "1");
    await caller.has(2);
    expect(caller.messages).toMatchObject([
      { event: "health", data: { status: "degraded", parts: [] } },
      { event: "key", data: { action: "disable_key", region: "westus" } },
    ]);
  });

  it("that is revoked while its stream is being opened gets none", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await serve((ports) => ({
      ...ports,
      events: {
        append: () => {},
        follow: async () => {
          await held;
          return async () => {};
        },
      },
    }));
    const [{ id, text }] = [await tokenOf(), await tokenOf()];
    const arrived = new Promise((resolve) => api.server.server.once("request", resolve));
    const answer = api.send("GET", "/events", undefined, bearer(text));
    await arrived;
    await api.pool.access?.revoke(id);
    release();
    expect((await answer).status).toBe(401);
  });
});

describe("a stream", () => {
  it("ends when the server closes, which waits for none, not even for one that is not read", async () => {
    await serve(undefined, [], { listen: { closeWithinMs: 3_600_000 } });
    const [reading, stuck] = [await watch(), await watch()];
    stuck.pause();
    const stuckSocket = sockets[1] as Socket;
    await reading.has(await fillUp(stuckSocket));
    await api.close();
    await reading.closed;
    expect(reading.messages.at(-1)).toEqual({ event: "end", data: { reason: "stopping" } });
    expect(stuckSocket.destroyed).toBe(true);
  });

  it("is cut off when it is not read at all", async () => {
    await serve(undefined, [], {
      listen: { unreadWithinMs: 20 },
      eventStreams: { heartbeatMs: 1, checkMs: 1 },
    });
    const stuck = await watch();
    stuck.pause();
    const socket = sockets[0] as Socket;
    await fillUp(socket);
    await until(() => socket.destroyed);
    await until(() => api.lines().some(({ msg }) => msg === "stream ended"));
  });
});
