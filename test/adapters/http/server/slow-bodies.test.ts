import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHttpApp, type HttpServer, listen } from "../../../../src/adapters/http/index.ts";
import { type Api, openApi, secretOf } from "../open-api.ts";
import { type RawCaller, rawCaller, until } from "../raw-caller.ts";

let api: Api;
let server: HttpServer;
beforeEach(async () => {
  api = await openApi();
  const { pool, clock } = api;
  const log = pino({ level: "silent" });
  server = await listen(createHttpApp({ pool, clock, log, version: "1" }), {
    bodyWithinMs: 20,
    closeWithinMs: 0,
  });
});
afterEach(async () => {
  await server.close();
  await api.close();
});

const BODY = JSON.stringify({ jsonData: [{ key: secretOf(1), region: "eastasia" }] });

/** Sends the head of a request and so much of its body. */
function begun(path: string, body = BODY, sent = 5): RawCaller {
  const caller = rawCaller(server.url);
  const head = ["Host: localhost", "Content-Type: application/json", `Content-Length: ${body.length}`].join(
    "\r\n",
  );
  caller.socket.write(`POST /api${path} HTTP/1.1\r\n${head}\r\n\r\n${body.slice(0, sent)}`);
  return caller;
}

describe("a body that does not come", () => {
  it("is refused and its connection closed", async () => {
    const caller = begun("/keys");
    await caller.closed;
    expect(caller.statuses()).toEqual([408]);
  });

  it("does not keep the answers to the requests ahead of it", async () => {
    const caller = rawCaller(server.url);
    const get = "GET /api/keys HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const post =
      "POST /api/keys HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    caller.socket.write(get + get + post);
    await caller.closed;
    expect(caller.statuses()).toEqual([200, 200, 408]);
  });

  it("may take longer when it is an upload's", async () => {
    const upload = begun("/upload/create-keys");
    // Each is refused after the time that the upload has had as well by then.
    for (let n = 0; n < 3; n++) await begun("/keys").closed;
    upload.socket.write(BODY.slice(5));
    await until(() => upload.statuses().length > 0);
    expect(upload.statuses()).toEqual([201]);
    upload.socket.destroy();
  });
});

it("two uploads are read at a time, and a third when one of them has been", async () => {
  const bodyOf = (number: number) => BODY.replace(secretOf(1), secretOf(number));
  const slow = [begun("/upload/create-keys", bodyOf(1)), begun("/upload/validate", bodyOf(2))];
  // Slow bodies are looked at again and again: these have come by now.
  await begun("/keys").closed;
  const third = begun("/upload/validate", bodyOf(3), 1_000);
  await begun("/keys").closed;
  expect(third.statuses()).toEqual([]);
  slow[0]?.socket.write(bodyOf(1).slice(5));
  await until(() => third.statuses().length > 0);
  expect([slow[0]?.statuses(), slow[1]?.statuses(), third.statuses()]).toEqual([[201], [], [200]]);
  for (const { socket } of [...slow, third]) socket.destroy();
});

it("an upload whose caller hangs up while it waits, or is read, leaves its place", async () => {
  const [first, second, waiting] = [1, 2, 3].map(() => begun("/upload/validate"));
  await begun("/keys").closed;
  for (const caller of [first, second, waiting]) caller?.socket.destroy();
  const last = begun("/upload/validate", BODY, 1_000);
  await until(() => last.statuses().length > 0);
  expect(last.statuses()).toEqual([200]);
  last.socket.destroy();
});
