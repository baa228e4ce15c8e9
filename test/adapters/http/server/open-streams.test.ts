import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { eventMessage } from "../../../../src/adapters/http/events/event-schemas.ts";
import type { HttpAppOptions, ListenOptions, StreamOptions } from "../../../../src/adapters/http/index.ts";
import { watchMessage } from "../../../../src/adapters/http/keys/watch-schemas.ts";
import type { Access, KeyPool, Ports } from "../../../../src/application/index.ts";
import type { Role } from "../../../../src/domain/index.ts";
import { until } from "../../../../src/testing/until.ts";
import { callStream, type EventCaller } from "../events/event-caller.ts";
import { type Api, openApi, secretOf } from "../open-api.ts";

interface StreamKind {
  readonly path: string;
  readonly role: Role;
  readonly tooLow: readonly Role[];
  readonly schema: typeof eventMessage | typeof watchMessage;
  readonly options: (options: StreamOptions) => Pick<HttpAppOptions, "eventStreams" | "keyStreams">;
  readonly retryMs: number;
  /** What a pool without keys, in which nothing has happened, says at once. */
  readonly atOnce: string;
  readonly refused: string;
  /** Makes another message come. */
  readonly happen: (pool: KeyPool) => Promise<unknown>;
}

const KINDS: readonly StreamKind[] = [
  {
    path: "/events",
    role: "viewer",
    tooLow: ["client"],
    schema: eventMessage,
    options: (eventStreams) => ({ eventStreams }),
    retryMs: 2_000,
    atOnce: "",
    refused: "kinds=x",
    happen: (pool) => pool.settings.save({ name: "cooldown_seconds", value: "60" }),
  },
  {
    path: "/keys/watch",
    role: "client",
    tooLow: ["viewer", "operator"],
    schema: watchMessage,
    options: (keyStreams) => ({ keyStreams }),
    retryMs: 1_000,
    atOnce: 'event: none\ndata: {"availableAt":null}\n\n',
    refused: "region=_",
    happen: (pool) => pool.addKey.execute({ service: "speech", secret: secretOf(1), region: "eastasia" }),
  },
];

let api: Api;
let callers: EventCaller[];

beforeEach(() => {
  callers = [];
});
afterEach(async () => {
  for (const caller of callers) caller.hangUp();
  await api.close();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const ended = () => api.lines().filter(({ msg }) => msg === "stream ended");

describe.each(KINDS)("a stream at $path", ({ path, role, options, happen, ...kind }) => {
  const said = kind.atOnce === "" ? 0 : 1;

  async function serve(
    streams: StreamOptions = {},
    more: Pick<HttpAppOptions, "metrics"> & { readonly listen?: ListenOptions } = {},
    wrap?: (ports: Ports) => Ports,
  ): Promise<void> {
    api = await openApi(wrap, [], { ...options(streams), ...more });
  }

  async function watch(headers: Readonly<Record<string, string>> = {}): Promise<EventCaller> {
    const caller = await callStream(`${api.url}/api${path}`, headers);
    callers.push(caller);
    return caller;
  }

  const tokenOf = (fields = {}) => (api.pool.access as Access).create({ name: "t", role, ...fields });
  const refused = async (headers: Record<string, string> = {}) => {
    const answer = await api.send("GET", path, undefined, headers);
    return [answer.status, answer.json.code, answer.headers.get("retry-after")];
  };
  const isEnded = async (caller: EventCaller, reason: string) => {
    await caller.closed;
    const last = caller.messages.at(-1);
    expect(last).toEqual({ event: "end", data: { reason } });
    expect(kind.schema.safeParse(last).error).toBeUndefined();
  };

  it("is one that no one keeps, and says how long to wait before it is asked for again", async () => {
    await serve();
    const { status, headers, has, text } = await watch();
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
      "x-request-id": expect.any(String),
    });
    await has(said);
    await until(() => text() !== "");
    expect(text()).toBe(`retry: ${kind.retryMs}\n\n${kind.atOnce}`);
  });

  it("answers HEAD, and opens nothing", async () => {
    await serve({ most: 1 });
    const streamed = "text/event-stream; charset=utf-8";
    for (let n = 0; n < 3; n++) {
      const { status, headers, text } = await api.send("HEAD", path);
      expect([status, headers.get("content-type"), text]).toEqual([200, streamed, ""]);
    }
    expect((await watch()).status).toBe(200);
    expect((await api.send("HEAD", `${path}?${kind.refused}`)).status).toBe(400);
  });

  it("sends comments, so that the connection stays in use, and is not cut off for having nothing to say", async () => {
    await serve({ heartbeatMs: 1, checkMs: 1 }, { listen: { unreadWithinMs: 5 } });
    const caller = await watch();
    await until(() => caller.comments() > 100);
    await happen(api.pool);
    await caller.has(said + 1);
    expect(caller.text()).toContain("\n:\n\n");
  });

  it("sends them to a caller of HTTP/1.0, who knows of no chunks, as they are", async () => {
    await serve({ heartbeatMs: 1, checkMs: 1 });
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    let text = "";
    socket.setEncoding("utf8").on("data", (part) => {
      text += part;
    });
    socket.write(`GET /api${path} HTTP/1.0\r\nHost: ${hostname}\r\n\r\n`);
    await until(() => text.endsWith(":\n\n:\n\n:\n\n"));
  });

  it(`needs a token of a ${role} where there is any`, async () => {
    await serve();
    const { text } = await tokenOf();
    expect(await refused()).toEqual([401, "unauthorized", null]);
    for (const role of kind.tooLow) {
      const { text: low } = await tokenOf({ role });
      expect(await refused(bearer(low))).toEqual([403, "forbidden", null]);
    }
    expect((await watch(bearer(text))).status).toBe(200);
  });

  it("ends when its token is revoked or expires, and no others end", async () => {
    await serve({ checkMs: 1 });
    const [other, revoked] = [await tokenOf(), await tokenOf()];
    const short = await tokenOf({ expiresAt: api.clock.now() + 1_000 });
    const [kept, first, second] = [
      await watch(bearer(other.text)),
      await watch(bearer(revoked.text)),
      await watch(bearer(short.text)),
    ];
    await api.pool.access?.revoke(revoked.id);
    await isEnded(first, "not_allowed");
    api.clock.advance(1_000);
    await isEnded(second, "not_allowed");
    const sofar = kept.messages.length;
    await happen(api.pool);
    await kept.has(sofar + 1);
    expect(kept.messages.at(-1)?.event).not.toBe("end");
  });

  it("of a caller without a token ends when there is a first one", async () => {
    await serve({ checkMs: 1 });
    const caller = await watch();
    await tokenOf();
    await isEnded(caller, "not_allowed");
  });

  it("is one too many where there are as many as may be, in all or of one token, until one ends", async () => {
    await serve({ most: 3, mostOfOneToken: 2 });
    const [one, other] = [bearer((await tokenOf()).text), bearer((await tokenOf()).text)];
    const [first] = [await watch(one), await watch(one)];
    expect(await refused(one)).toEqual([503, "busy", "1"]);
    await watch(other);
    expect(await refused(other)).toEqual([503, "busy", "1"]);
    first?.hangUp();
    await until(() => ended().length > 0);
    expect((await watch(one)).status).toBe(200);
  });

  it("is logged once, when it has ended, and not as a slow request", async () => {
    await serve();
    const caller = await watch();
    await happen(api.pool);
    await caller.has(said + 1);
    const lines = () => api.lines().filter(({ route, level }) => route === `/api${path}` && level >= 30);
    expect(lines()).toEqual([]);
    caller.hangUp();
    await until(() => ended().length > 0);
    expect(lines()).toMatchObject([
      { msg: "stream ended", level: 30, status: 200, ended: "hung_up", ms: expect.any(Number) },
    ]);
    expect(api.logged()).not.toContain(secretOf(1));
  });

  it("is counted by how soon it began, not by how long it was watched", async () => {
    const counted: number[] = [];
    const metrics = {
      route: (of: string) => (_: number, ms: number) => void (of === `/api${path}` && counted.push(ms)),
      tokenRefused: () => {},
      scrape: async () => ({ contentType: "text/plain", text: "" }),
    };
    await serve({ heartbeatMs: 1, checkMs: 1 }, { metrics });
    const caller = await watch();
    await until(() => caller.comments() > 20);
    caller.hangUp();
    await until(() => counted.length > 0);
    expect(counted).toHaveLength(1);
    expect(counted[0]).toBeLessThan(ended()[0].ms / 2);
  });

  it("ends when the server closes, which waits for none", async () => {
    await serve({}, { listen: { closeWithinMs: 3_600_000 } });
    const caller = await watch();
    await api.close();
    await isEnded(caller, "stopping");
  });

  it("ends when the pool stops, behind whatever server", async () => {
    await serve();
    const caller = await watch();
    await caller.has(said);
    await api.pool.stop();
    await isEnded(caller, "stopping");
    const late = await watch();
    await isEnded(late, "stopping");
    expect(late.messages).toHaveLength(1);
  });
});
