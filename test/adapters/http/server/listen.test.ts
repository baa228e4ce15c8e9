import { once } from "node:events";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { listen } from "../../../../src/adapters/http/index.ts";
import { rawCaller, requestText, until } from "../raw-caller.ts";

type Handle = (req: IncomingMessage, res: ServerResponse) => void;
const serving = (handle: Handle) => ({ callback: () => handle });

it("tells the address it was given", async () => {
  const server = await listen(serving((_req, res) => res.end("here")));
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await fetch(server.url)).text()).toBe("here");
  await server.close();
});

it("hands out its server, for what is no answer to a request", async () => {
  const { server, url, close } = await listen(serving((_req, res) => res.end("here")));
  server.on("upgrade", (_req, socket) => socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\nup"));
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n");
  expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 101/);
  socket.destroy();
  await close();
});

it("leaves to who takes an upgrade all that follows the offer", async () => {
  const { server, url, close } = await listen(serving((_req, res) => res.end("here")));
  let taken = 0;
  server.on("upgrade", (_req, socket, head) => {
    taken += head.length;
    socket.on("data", (chunk: Buffer) => {
      taken += chunk.length;
      if (taken === 10_000) socket.end();
    });
  });
  const caller = rawCaller(url);
  const offer = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n";
  caller.socket.write(offer + "x".repeat(10_000));
  await caller.closed;
  expect(taken).toBe(10_000);
  await close();
});

it("rejects when the port is taken", async () => {
  const server = await listen(serving((_req, res) => res.end()));
  const port = Number(new URL(server.url).port);
  await expect(
    listen(
      serving(() => {}),
      { port },
    ),
  ).rejects.toMatchObject({ code: "EADDRINUSE" });
  await server.close();
});

it("lets a running request finish, though its connection would live on, and takes no new one", async () => {
  let running: ServerResponse | undefined;
  const server = await listen(
    serving((_req, res) => {
      running = res;
    }),
  );
  const sent = request(server.url, { headers: { connection: "keep-alive" } }).end();
  while (!running) await new Promise((resolve) => setImmediate(resolve));
  const closed = server.close();
  await expect(fetch(server.url)).rejects.toThrow();
  running.end("finished");
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  expect(String(await response.toArray())).toBe("finished");
  await closed;
});

it("answers what has arrived on an idle connection, read or not", async () => {
  const server = await listen(serving((_req, res) => res.end("answered")));
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  const ask = () => socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ask();
  await once(socket, "data");
  ask();
  const closed = server.close();
  expect(String((await once(socket, "data"))[0])).toContain("answered");
  await closed;
});

it("drops idle connections at once", async () => {
  const server = await listen(serving((_req, res) => res.end()));
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(socket, "data");
  const gone = once(socket, "close");
  await server.close();
  await gone;
});

it("cuts off what does not finish in time, and closes once however often it is asked", async () => {
  let asked = false;
  const server = await listen(
    serving(() => {
      asked = true;
    }),
    { closeWithinMs: 50 },
  );
  const refused = expect(fetch(server.url)).rejects.toThrow();
  while (!asked) await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([server.close(), server.close()]);
  await refused;
});

it("closes a connection that is one too many at once, and takes another when one has gone", async () => {
  const server = await listen(
    serving((_req, res) => res.end("here")),
    { mostConnections: 1 },
  );
  const first = rawCaller(server.url);
  first.socket.write(requestText("GET", "/"));
  await until(() => first.statuses().length === 1);
  const second = rawCaller(server.url);
  await second.closed;
  expect(second.received()).toBe("");
  first.socket.destroy();
  await first.closed;
  await expect.poll(() => fetch(server.url).then(({ status }) => status, String)).toBe(200);
  await server.close();
});
