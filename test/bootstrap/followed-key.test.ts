import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { type FollowedState, KeyPoolClient } from "../../src/adapters/client/index.ts";
import { until } from "../../src/testing/until.ts";
import { isLongRun } from "../situations/long-run.ts";
import { scratchFolder, secretOf, serve, serveHere } from "./servers.ts";

/** How long the server is away: so long, and at least until it has been missed so often. */
const [AWAY_MS, MISSED] = isLongRun ? [10_000, 3] : [0, 2];

it("who follows a key gets over a server that is killed, unharmed, without asking all the time", async () => {
  const file = `${scratchFolder()}/keys.db`;
  const first = await open(file);
  const port = Number(new URL(first.url).port);
  const client = new KeyPoolClient({ baseUrl: `${first.url}/api` });
  await client.addKey("speech", { key: secretOf(1), region: "eastasia" });
  const states: FollowedState[] = [];
  const followed = client.followKey({ service: "speech" }, { onChange: (state) => void states.push(state) });
  onTestFinished(() => followed.close());
  await followed.key();

  await first.end();
  const missed = await countCallers(port, AWAY_MS);
  expect(missed).toBeLessThan(50);
  expect(await followed.key()).toMatchObject({ id: 1 });

  await open(file, String(port));
  await until(() => states.length >= 2);
  expect(states.map(({ status }) => status)).toEqual(["key", "key"]);
  await client.addKey("speech", { key: secretOf(2), region: "eastasia" });
  await client.report("speech", { key: secretOf(1), code: 429 });
  await until(() => followed.current?.id === 2);
});

/** A server that is killed where there is time for a process of its own, and stopped otherwise. */
async function open(file: string, port = "0") {
  if (isLongRun) {
    const { server } = await serve(file, { env: { PORT: port } });
    return { url: server.url, end: () => server.kill() };
  }
  const { server } = await serveHere({ DATABASE_URL: `sqlite:${file}`, PORT: port });
  return { url: server.url, end: () => server.stop() };
}

/** Takes the place of a server that is away, and answers how many came meanwhile. */
async function countCallers(port: number, awayMs: number): Promise<number> {
  let callers = 0;
  const server = createServer((socket) => {
    callers += 1;
    socket.destroy();
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  expect((server.address() as AddressInfo).port).toBe(port);
  const endsAt = performance.now() + awayMs;
  await until(() => callers >= MISSED && performance.now() >= endsAt);
  server.close();
  await once(server, "close");
  return callers;
}
