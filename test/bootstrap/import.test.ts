import { pino } from "pino";
import { expect, it } from "vitest";
import { readConfig } from "../../src/bootstrap/config.ts";
import { startServer } from "../../src/bootstrap/server.ts";
import { temporaryFolder } from "../adapters/mikro-orm/temporary-folder.ts";
import { PoolServer } from "../servers/pool-server.ts";
import { rounds } from "../situations/long-run.ts";

const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    key: `import-${String(n).padStart(25, "0")}`,
    region: "westus",
  }));

async function call(url: string, body?: unknown) {
  const headers = { "content-type": "application/json" };
  const sent = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(url, sent);
  return { status: answer.status, json: (await answer.json()) as { readonly data: never } };
}

it("an import that is cut short by kill -9 ends complete when it is run again", {
  timeout: 60_000,
}, async () => {
  const env = { DATABASE_URL: `sqlite:${temporaryFolder()}/keys.db` };
  const jsonData = rows(25_000);
  const first = await PoolServer.start({ env });
  const cut = call(`${first.url}/api/upload/create-keys`, { jsonData });
  const refused = expect(cut).rejects.toThrow("fetch failed");
  await first.logged(({ done }) => done === 10_000);
  await first.kill();
  await refused;

  const second = await PoolServer.start({ env });
  const url = `${second.url}/api`;
  const held: readonly unknown[] = (await call(`${url}/keys`)).json.data;
  expect(held.length).toBeGreaterThanOrEqual(10_000);
  expect(held.length).toBeLessThan(25_000);
  expect(held.length % 500).toBe(0);
  const again = await call(`${url}/upload/create-keys`, { jsonData });
  expect([again.status, again.json.data]).toMatchObject([
    201,
    { total: 25_000, success: 25_000 - held.length, skipped: held.length, failed: 0 },
  ]);
  expect((await call(`${url}/keys/stats`)).json.data).toMatchObject({ cooldown: { totalKeys: 25_000 } });
  await second.kill();
});

it("an import whose caller is gone ends with a whole chunk and its log row when the server stops", async () => {
  const env = { DATABASE_URL: `sqlite:${temporaryFolder()}/keys.db` };
  const first = await PoolServer.start({ env });
  const caller = new AbortController();
  const headers = { "content-type": "application/json" };
  const importing = fetch(`${first.url}/api/upload/create-keys`, {
    method: "POST",
    headers,
    body: JSON.stringify({ jsonData: rows(25_000) }),
    signal: caller.signal,
  });
  const abandoned = expect(importing).rejects.toThrow("aborted");
  await first.logged(({ done }) => done === 10_000);
  caller.abort();
  expect(await first.stop()).toEqual({ code: 0, signal: null });
  await abandoned;
  expect(first.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);

  const second = await PoolServer.start({ env });
  const held: readonly unknown[] = (await call(`${second.url}/api/keys`)).json.data;
  expect(held.length).toBeLessThan(25_000);
  expect(held.length % 500).toBe(0);
  const { logs } = (await call(`${second.url}/api/keys/logs`)).json.data as { logs: readonly unknown[] };
  expect(logs).toMatchObject([
    {
      action: "import_keys",
      note: `${held.length} created, 0 updated, 0 skipped, ${25_000 - held.length} failed`,
    },
  ]);
  await second.kill();
});

const MANY = rounds(10_000, 100_000);

it(`hand-outs go on while ${MANY} keys are imported`, async () => {
  const config = readConfig({ PORT: "0", DATABASE_URL: `sqlite:${temporaryFolder()}/keys.db` });
  const server = await startServer(config, pino({ level: "silent" }), "test");
  const api = `${server.url}/api`;
  await call(`${api}/keys`, { key: "handed-out", region: "eastasia" });
  const body = JSON.stringify({ jsonData: rows(MANY) });

  let imported = false;
  const headers = { "content-type": "application/json" };
  const importing = fetch(`${api}/upload/create-keys`, { method: "POST", headers, body }).finally(() => {
    imported = true;
  });
  let handOuts = 0;
  let slowest = 0;
  while (!imported) {
    const startedAt = performance.now();
    expect((await call(`${api}/keys/get`)).status).toBe(200);
    slowest = Math.max(slowest, performance.now() - startedAt);
    handOuts++;
  }
  expect((await importing).status).toBe(201);
  expect(handOuts).toBeGreaterThan(MANY / 500);
  expect(slowest).toBeLessThan(1000);
  await server.stop();
});
