import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createHttpApp, type HttpServer, listen } from "../../../../src/adapters/http/index.ts";
import { type Api, openApi, secretOf } from "../open-api.ts";
import { rawCaller, until } from "../raw-caller.ts";

let api: Api;
let server: HttpServer;
let added = 0;
beforeAll(async () => {
  api = await openApi();
  const { pool, clock } = api;
  server = await listen(createHttpApp({ pool, clock, log: pino({ level: "silent" }), version: "1" }));
});
afterAll(async () => {
  await server.close();
  await api.close();
});

const ANY = ["Host: localhost", "Content-Type: application/json"];
const newKey = () => JSON.stringify({ key: secretOf(++added), region: "eastasia", keyname: "a key" });
const head = (framing: string) => `POST /api/keys HTTP/1.1\r\n${[...ANY, framing].join("\r\n")}\r\n\r\n`;
const withLength = (body: string) => head(`Content-Length: ${body.length}`);
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

const ARRIVALS: Readonly<Record<string, (body: string) => readonly string[]>> = {
  "with its head": (body) => [withLength(body) + body],
  "behind its head": (body) => [withLength(body), body],
  "one byte after another": (body) => [withLength(body), ...body],
  "in chunks with its head": (body) => [
    `${head("Transfer-Encoding: chunked")}${chunk(body.slice(0, 9))}${chunk(body.slice(9))}0\r\n\r\n`,
  ],
  "in chunks that come by themselves": (body) => [
    head("Transfer-Encoding: chunked"),
    ...[chunk(body.slice(0, 9)), chunk(body.slice(9)), "0\r\n\r\n"],
  ],
};

it.each(Object.entries(ARRIVALS))("a body is read that comes %s", async (_, piecesOf) => {
  expect(await statusesOf(piecesOf(newKey()))).toEqual([201]);
});

it("a body of no bytes in chunks is none", async () => {
  const pieces = [`${head("Transfer-Encoding: chunked")}0\r\n\r\n`];
  expect(await statusesOf(pieces)).toEqual([400]);
});

it("bodies of one packet are each read by their own request", async () => {
  const bodies = [newKey(), newKey(), newKey()];
  const packet = bodies.map((body) => withLength(body) + body).join("");
  expect(await statusesOf([packet], 3)).toEqual([201, 201, 201]);
});

it("a body in chunks beyond the limit is refused, with its head or behind it, and what follows is answered", async () => {
  const long = JSON.stringify({ key: secretOf(1), region: "eastasia", keyname: "x".repeat(120_000) });
  const chunked = `${head("Transfer-Encoding: chunked")}${chunk(long)}0\r\n\r\n`;
  const body = newKey();
  const behind = chunked.slice(5_000) + withLength("{}");
  expect(await statusesOf([chunked + withLength(body) + body], 2)).toEqual([413, 201]);
  expect(await statusesOf([chunked.slice(0, 5_000), `${behind}{}`], 2)).toEqual([413, 400]);
});

/** Sends the pieces, each in a packet of its own. */
async function statusesOf(pieces: readonly string[], answers = 1): Promise<readonly number[]> {
  const caller = rawCaller(server.url);
  caller.socket.setNoDelay();
  for (const piece of pieces) {
    await new Promise((sent) => caller.socket.write(piece, sent));
    await new Promise(setImmediate);
  }
  await until(() => caller.statuses().length >= answers);
  caller.socket.destroy();
  return caller.statuses();
}
