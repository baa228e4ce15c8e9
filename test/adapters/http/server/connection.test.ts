import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type HttpServer, listen } from "../../../../src/adapters/http/index.ts";
import { rounds } from "../../../situations/long-run.ts";
import { rawCaller, requestText, until } from "../raw-caller.ts";

let server: HttpServer;
afterEach(() => server.close());

/** Serves a handler that holds all requests; `held` are those that were begun and not yet answered. */
async function holding() {
  const held: { readonly req: IncomingMessage; readonly res: ServerResponse }[] = [];
  let begun = 0;
  const handle = (req: IncomingMessage, res: ServerResponse) => {
    begun += 1;
    held.push({ req, res });
  };
  server = await listen({ callback: () => handle }, { closeWithinMs: 0 });
  const sockets: Socket[] = [];
  let parsed = 0;
  server.server.on("connection", (socket) => sockets.push(socket));
  server.server.on("request", () => {
    parsed += 1;
  });
  const answerOne = () => {
    const one = held.shift();
    one?.res.end(one.req.url);
  };
  return { held, sockets, begun: () => begun, parsed: () => parsed, answerOne };
}

const gets = (count: number) => Array.from({ length: count }, (_, n) => requestText("GET", `/${n}`)).join("");

describe("requests of one connection", () => {
  it("are begun 32 at a time and all answered in order", async () => {
    const { held, begun, answerOne } = await holding();
    const caller = rawCaller(server.url);
    const count = rounds(500, 5000);
    caller.socket.write(gets(count));
    await until(() => begun() === 32);
    for (let answered = 0; answered < count; answered++) {
      await until(() => held.length > 0);
      expect(held.length).toBeLessThanOrEqual(32);
      answerOne();
    }
    await until(() => caller.statuses().length === count);
    const paths = caller.received().match(/\/\d+(?=HTTP|$)/g);
    expect(paths).toEqual(Array.from({ length: count }, (_, n) => `/${n}`));
    caller.socket.destroy();
  });

  it("wait unread, and never begin when the caller hangs up", async () => {
    const { begun, parsed, answerOne, sockets } = await holding();
    const caller = rawCaller(server.url);
    const unread = gets(50_000);
    caller.socket.write(unread);
    await until(() => begun() === 32);
    const [socket] = sockets;
    expect(socket?.bytesRead).toBeLessThan(unread.length / 4);
    expect(parsed()).toBeLessThan(100);
    caller.socket.resetAndDestroy();
    await caller.closed;
    // A connection that is not read is found to be gone when it is written to.
    while (socket?.destroyed === false) {
      answerOne();
      await new Promise(setImmediate);
    }
    const known = begun();
    expect(known).toBeLessThan(64);
    for (let more = 0; more < 64; more++) answerOne();
    await new Promise(setImmediate);
    expect(begun()).toBe(known);
  });

  it("are begun a few at a time, and between them one that came later on another connection", async () => {
    const order: (string | undefined)[] = [];
    const handle = ({ url }: IncomingMessage, res: ServerResponse) => {
      // In one packet, and all before anything else is read if nothing holds them up.
      if (order.length === 0) other.socket.write(requestText("GET", "/other"));
      order.push(url);
      res.end();
    };
    server = await listen({ callback: () => handle });
    const other = rawCaller(server.url);
    const caller = rawCaller(server.url);
    caller.socket.write(gets(1000));
    await until(() => order.length === 1001);
    expect(order.indexOf("/other")).toBeLessThan(1000);
    caller.socket.destroy();
    other.socket.destroy();
  });

  it("are answered in order also while much is unsent", async () => {
    const answer = Buffer.alloc(100_000, "x");
    // Several times what the system takes of answers that are not read.
    const count = rounds(200, 500);
    server = await listen({
      callback: () => (_req: IncomingMessage, res: ServerResponse) => void res.end(answer),
    });
    const caller = rawCaller(server.url);
    caller.socket.pause();
    caller.socket.write(gets(count));
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    caller.socket.resume();
    await until(() => caller.socket.bytesRead > count * answer.length);
    await until(() => caller.statuses().length === count);
    caller.socket.destroy();
  });

  it("have bodies of any size while others wait behind them", async () => {
    const handle = async (req: IncomingMessage, res: ServerResponse) => {
      let size = 0;
      for await (const chunk of req) size += chunk.length;
      res.end(`[${size}]`);
    };
    server = await listen({ callback: () => handle });
    const caller = rawCaller(server.url);
    const post = requestText("POST", "/", { text: "x".repeat(100_000) });
    // More than are begun at a time.
    caller.socket.write(post.repeat(40));
    await until(() => caller.received().split("[100011]").length === 41);
    caller.socket.destroy();
  });
});

describe("what cannot be parsed", () => {
  it("is answered 400 after the valid request ahead of it, which gets its own answer", async () => {
    const { held, answerOne } = await holding();
    const caller = rawCaller(server.url);
    caller.socket.write(`${gets(2)}garbage garbage\r\n\r\n`);
    await until(() => held.length === 2);
    expect(caller.received()).toBe("");
    answerOne();
    answerOne();
    await caller.closed;
    expect(caller.statuses()).toEqual([200, 200, 400]);
    expect(caller.received()).toMatch(/Connection: close\r\n\r\n$/);
  });

  it("is answered 400 at once when nothing is ahead of it, at the start or later", async () => {
    const { held, answerOne } = await holding();
    const first = rawCaller(server.url);
    first.socket.write("garbage\r\n\r\n");
    await first.closed;
    expect(first.statuses()).toEqual([400]);
    const later = rawCaller(server.url);
    later.socket.write(gets(1));
    await until(() => held.length === 1);
    answerOne();
    await until(() => later.statuses().length === 1);
    later.socket.write("garbage\r\n\r\n");
    await later.closed;
    expect(later.statuses()).toEqual([200, 400]);
  });

  it("ends a request whose body it breaks off, after those ahead", async () => {
    const { held, answerOne } = await holding();
    const caller = rawCaller(server.url);
    caller.socket.write(
      `${gets(1)}POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
    );
    await until(() => held.length === 2);
    answerOne();
    await caller.closed;
    expect(caller.statuses()).toEqual([200, 400]);
  });

  it("ends the connection of a request that was answered before its body broke off", async () => {
    const { held, answerOne, sockets } = await holding();
    const caller = rawCaller(server.url);
    caller.socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    await until(() => held.length === 1);
    answerOne();
    await until(() => caller.statuses().length === 1);
    caller.socket.write("zz\r\n");
    await caller.closed;
    expect(caller.statuses()).toEqual([200]);
    await until(() => sockets[0]?.destroyed === true);
  });

  it("may be what is said to a proxy: 400, after the valid request ahead of it", async () => {
    const { held, answerOne } = await holding();
    const caller = rawCaller(server.url);
    const asProxy = "CONNECT x:1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    caller.socket.write(`${gets(1)}${asProxy}`);
    await until(() => held.length === 1);
    answerOne();
    await caller.closed;
    expect(caller.statuses()).toEqual([200, 400]);
    const first = rawCaller(server.url);
    first.socket.write(asProxy);
    await first.closed;
    expect(first.statuses()).toEqual([400]);
  });

  it("has headers that are too long: 431", async () => {
    await holding();
    const caller = rawCaller(server.url);
    caller.socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`);
    await caller.closed;
    expect(caller.statuses()).toEqual([431]);
  });
});

describe("a caller that reads nothing", () => {
  const ANSWER = Buffer.alloc(20_000_000, "x");

  it("is cut off in time, while one that waits for its answer is not", async () => {
    const waiting: ServerResponse[] = [];
    const handle = (req: IncomingMessage, res: ServerResponse) => {
      if (req.url === "/wait") waiting.push(res);
      else res.end(ANSWER);
    };
    server = await listen({ callback: () => handle }, { closeWithinMs: 0, unreadWithinMs: 50 });
    const sockets: Socket[] = [];
    server.server.on("connection", (socket) => sockets.push(socket));
    const patient = rawCaller(server.url);
    patient.socket.write(requestText("GET", "/wait"));
    await until(() => waiting.length === 1);
    // What it gets when it has once been slow to read.
    sockets[0]?.setTimeout(50);
    const staring = rawCaller(server.url);
    staring.socket.pause();
    staring.socket.write(requestText("GET", "/big").repeat(3));
    await until(() => sockets[1]?.destroyed === true);
    staring.socket.destroy();
    waiting[0]?.end("at last");
    await until(() => patient.received().endsWith("at last"));
    patient.socket.destroy();
  });

  it("keeps its connection while it is idle, and loses it after the usual time", async () => {
    server = await listen({ callback: () => (_req: IncomingMessage, res: ServerResponse) => void res.end() });
    server.server.keepAliveTimeout = 1;
    const caller = rawCaller(server.url);
    caller.socket.write(gets(1));
    await caller.closed;
    expect(caller.statuses()).toEqual([200]);
  });
});
