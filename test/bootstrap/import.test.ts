import { pino } from "pino";
import { expect, it, onTestFinished } from "vitest";
import { openNative } from "../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { readConfig } from "../../src/bootstrap/config.ts";
import { startServer } from "../../src/bootstrap/server.ts";
import { temporaryFolder } from "../adapters/mikro-orm/temporary-folder.ts";
import { PoolServer, SERVER_COMMAND, SERVER_ENVIRONMENT } from "../servers/pool-server.ts";
import { rounds } from "../situations/long-run.ts";
import { serveHere } from "./servers.ts";

const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    key: `import-${String(n).padStart(25, "0")}`,
    region: "westus",
  }));

const ROWS = rounds(11_000, 12_000);
const HALF_WAY = 10_000;

/** Makes a server stop itself (SIGSTOP) as soon as it has logged that it is half way. */
function standingStillHalfWay(): readonly string[] {
  const code = `
    import fs from "node:fs";
    const { writeSync } = fs;
    fs.writeSync = (fd, text, ...rest) => {
      const written = writeSync(fd, text, ...rest);
      if (String(text).includes('"done":${HALF_WAY}')) process.kill(process.pid, "SIGSTOP");
      return written;
    };`;
  const [node = "", ...args] = SERVER_COMMAND;
  return [node, "--import", `data:text/javascript,${encodeURIComponent(code)}`, ...args];
}

async function call(url: string, body?: unknown) {
  const headers = { "content-type": "application/json" };
  const sent = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(url, sent);
  return { status: answer.status, json: (await answer.json()) as { readonly data: never } };
}

async function totalKeys(api: string): Promise<number> {
  const data: { readonly cooldown: { readonly totalKeys: number } } = (await call(`${api}/keys/stats`)).json
    .data;
  return data.cooldown.totalKeys;
}

it("an import that is cut short by kill -9 ends complete when it is run again", async () => {
  const env = { DATABASE_URL: `sqlite:${temporaryFolder()}/keys.db` };
  const jsonData = rows(ROWS);
  const first = await PoolServer.start({ env, command: standingStillHalfWay() });
  const cut = call(`${first.url}/api/upload/create-keys`, { jsonData });
  const refused = expect(cut).rejects.toThrow("fetch failed");
  await first.logged(({ done }) => done === HALF_WAY);
  await first.kill();
  await refused;

  const second = await serveHere(env);
  const url = `${second.server.url}/api`;
  const held = await totalKeys(url);
  expect(held).toBeGreaterThanOrEqual(HALF_WAY);
  expect(held).toBeLessThan(ROWS);
  expect(held % 500).toBe(0);
  const again = await call(`${url}/upload/create-keys`, { jsonData });
  expect([again.status, again.json.data]).toMatchObject([
    201,
    { total: ROWS, success: ROWS - held, skipped: held, failed: 0 },
  ]);
  expect(await totalKeys(url)).toBe(ROWS);
});

it("an import whose caller is gone ends with a whole chunk and its log row when the server stops", async () => {
  // So many more that it is far from done when the server has seen that the caller is gone.
  const count = rounds(16_000, 25_000);
  const file = `${temporaryFolder()}/keys.db`;
  const first = await PoolServer.start({
    env: { DATABASE_URL: `sqlite:${file}` },
    command: standingStillHalfWay(),
  });
  const caller = new AbortController();
  const headers = { "content-type": "application/json" };
  const importing = fetch(`${first.url}/api/upload/create-keys`, {
    method: "POST",
    headers,
    body: JSON.stringify({ jsonData: rows(count) }),
    signal: caller.signal,
  });
  const abandoned = expect(importing).rejects.toThrow("aborted");
  await first.logged(({ done }) => done === HALF_WAY);
  caller.abort();
  await abandoned;
  const stopped = first.stop();
  first.signal("SIGCONT");
  expect(await stopped).toEqual({ code: 0, signal: null });
  expect(first.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);

  const native = openNative(file, { readonly: true });
  onTestFinished(() => native.close());
  const held = Number(native.prepare("select count(*) as held from keys").all([])[0]?.held);
  expect(held).toBeLessThan(count);
  expect(held % 500).toBe(0);
  expect(native.prepare("select action, note from logs").all([])).toEqual([
    { action: "import_keys", note: `${held} created, 0 updated, 0 skipped, ${count - held} failed` },
  ]);
});

const MANY = rounds(2_000, 100_000);

it(`hand-outs go on while ${MANY} keys are imported`, async () => {
  const config = readConfig({ ...SERVER_ENVIRONMENT, DATABASE_URL: `sqlite:${temporaryFolder()}/keys.db` });
  const server = await startServer({ config, logger: pino({ level: "silent" }), version: "test" });
  const api = `${server.url}/api`;
  await call(`${api}/keys`, { key: "handed-out", region: "eastasia" });
  const body = JSON.stringify({ jsonData: rows(MANY) });

  let imported = false;
  const headers = { "content-type": "application/json" };
  const importing = fetch(`${api}/upload/create-keys`, { method: "POST", headers, body }).finally(() => {
    imported = true;
  });
  let handOuts = 0;
  while (!imported) {
    expect((await call(`${api}/keys/get`)).status).toBe(200);
    handOuts++;
  }
  expect((await importing).status).toBe(201);
  expect(handOuts).toBeGreaterThan(MANY / 500);
  await server.stop();
});
