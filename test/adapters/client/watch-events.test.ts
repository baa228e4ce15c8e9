import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeyPoolClient, type WatchedEvent } from "../../../src/adapters/client/index.ts";
import { until } from "../../../src/testing/until.ts";
import { type Api, openApi } from "../http/open-api.ts";

let api: Api;
let client: KeyPoolClient;
let sockets: Socket[];
let waited: number[];
/** Who watches. One that is left would try to come back without a pause, beside all that the worker runs later. */
let endings: AbortController[];

beforeEach(async () => {
  api = await openApi(undefined, [], { eventStreams: { checkMs: 1 } });
  sockets = [];
  waited = [];
  endings = [];
  api.server.server.on("connection", (socket) => sockets.push(socket));
  client = clientOf();
});
afterEach(async () => {
  for (const ending of endings) ending.abort();
  await api.close();
});

function clientOf(token?: string): KeyPoolClient {
  return new KeyPoolClient({
    baseUrl: `${api.url}/api`,
    ...(token !== undefined && { token }),
    wait: async (ms) => void waited.push(ms),
    random: () => 1,
  });
}

const save = (value: string) => api.pool.settings.save({ name: "cooldown_seconds", value });
const streams = () => api.lines().filter(({ msg }) => msg === "stream ended").length;

/** Iterates until it ends or throws. */
function watching(by = client, choice: Parameters<KeyPoolClient["watch"]>[0] = {}) {
  const ending = new AbortController();
  endings.push(ending);
  const seen: WatchedEvent[] = [];
  const ended = (async () => {
    for await (const event of by.watch({ signal: ending.signal, ...choice })) seen.push(event);
  })();
  ended.catch(() => {});
  const opened = until(() => sockets.length > 0 && sockets.some(({ bytesWritten }) => bytesWritten > 0));
  const values = () => seen.map((one) => (one.event === "setting" ? one.data.config_value : one.event));
  return {
    seen,
    values,
    opened,
    ended,
    end: () => ending.abort(),
    has: (n: number) => until(() => seen.length >= n),
  };
}

describe("watching", () => {
  it("tells what happens until it is ended", async () => {
    const { seen, ended, opened, end, has } = watching(client, { kinds: ["setting"] });
    await opened;
    await api.pool.addKey.execute({ service: "speech", secret: "12345678", region: "eastasia" });
    await save("60");
    await has(1);
    expect(seen).toEqual([
      {
        ...{ event: "setting", id: expect.stringMatching(/^\d+-\d+$/) },
        data: {
          at: "2026-01-01T00:00:00.000Z",
          actor: "caller",
          config_key: "cooldown_seconds",
          config_value: "60",
        },
      },
    ]);
    end();
    await ended;
    await until(() => streams() === 1);
  });

  it("ends with the signal of its client", async () => {
    const ending = new AbortController();
    const { ended, opened } = watching(client.with({ signal: ending.signal }));
    await opened;
    ending.abort();
    await ended;
    await until(() => streams() === 1);
  });

  it("hangs up when it is iterated no further", async () => {
    const { opened } = watching();
    await opened;
    for await (const _ of client.watch({ lastEventId: "1-1" })) break;
    await until(() => streams() === 1);
  });

  it("goes on where it was when the connection was lost", async () => {
    const { values, opened, end, has } = watching();
    await opened;
    await save("60");
    await has(1);
    sockets[0]?.destroy();
    await save("61");
    await save("62");
    await has(3);
    expect(values()).toEqual(["60", "61", "62"]);
    // As long as the server asks at first, then longer with each failure.
    expect(waited[0]).toBe(2_000);
    expect(new Set(waited)).toEqual(new Set([2_000, 4_000, 8_000, 15_000].slice(0, new Set(waited).size)));
    end();
  });

  it("says when it can tell, at first and each time anew", async () => {
    let opened = 0;
    const { end, has } = watching(client, { onOpen: () => (opened += 1) });
    await until(() => opened === 1);
    await save("60");
    await has(1);
    sockets[0]?.destroy();
    await until(() => opened === 2);
    await save("61");
    await has(2);
    end();
  });

  it("goes on behind an event from before", async () => {
    const first = watching();
    await first.opened;
    await save("60");
    await save("61");
    await first.has(2);
    first.end();
    const again = watching(client, { lastEventId: first.seen[0]?.id as string });
    await again.has(1);
    expect(again.values()).toEqual(["61"]);
    again.end();
  });

  it("says that events are missing when it has no place to go on from", async () => {
    const { values, opened, end, has } = watching();
    await opened;
    sockets[0]?.destroy();
    await has(1);
    await save("60");
    await has(2);
    expect(values()).toEqual(["reset", "60"]);
    end();
  });

  it("throws what will not pass by itself, and what the first connection throws", async () => {
    const { id, text = "" } = (await api.pool.access?.create({ name: "n", role: "viewer" })) ?? {};
    await api.pool.access?.create({ name: "other", role: "admin" });
    await expect(watching().ended).rejects.toMatchObject({ code: "unauthorized", httpStatus: 401 });
    const { opened, ended } = watching(clientOf(text));
    await opened;
    await until(() => sockets.length >= 2);
    await api.pool.access?.revoke(id as string);
    await expect(ended).rejects.toMatchObject({ code: "unauthorized", httpStatus: 401 });
    await api.close();
    await expect(watching().ended).rejects.toMatchObject({ code: "unreachable" });
  });
});
