import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { watchHandOuts, watchSteadily } from "../../bench/load/watch-hand-outs.ts";

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it("counts a hand-out that was still held up when the rest was over", async () => {
  const over = Promise.withResolvers<void>();
  let asked = 0;
  const url = await serve((_, res) => {
    if (++asked < 3) res.end();
    else {
      over.resolve();
      over.promise.then(() => setImmediate(() => res.end()));
    }
  });
  expect((await watchHandOuts(url, over.promise)).answered).toBe(3);
});

it("fails when a hand-out is refused, and when what it watches beside fails", async () => {
  const refusing = await serve((_, res) => res.writeHead(503).end());
  await expect(watchHandOuts(refusing, new Promise(() => {}))).rejects.toThrow("503");
  const serving = await serve((_, res) => res.end());
  await expect(watchHandOuts(serving, Promise.reject(new Error("gone")))).rejects.toThrow("gone");
});

it("asks steadily, though those before are held up, and counts them all", async () => {
  const over = Promise.withResolvers<void>();
  let asked = 0;
  const url = await serve((_, res) => {
    if (++asked === 5) over.resolve();
    over.promise.then(() => res.end());
  });
  expect((await watchSteadily(url, over.promise, "token", 1)).answered).toBeGreaterThanOrEqual(5);
});

it("fails when one of those that are asked steadily is refused", async () => {
  const refusing = await serve((_, res) => res.writeHead(503).end());
  await expect(watchSteadily(refusing, new Promise(() => {}), "token", 1)).rejects.toThrow("503");
});
