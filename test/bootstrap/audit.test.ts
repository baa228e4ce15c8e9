import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../src/adapters/mikro-orm/index.ts";
import { Invocation } from "../../src/bootstrap/cli/invocation.ts";
import { ProcessTerminal } from "../../src/bootstrap/cli/output/terminal.ts";
import { openTokenDoor } from "../../src/bootstrap/cli/tokens/open-token-door.ts";
import { readConfig } from "../../src/bootstrap/config.ts";
import { openSealing } from "../../src/bootstrap/open-sealing.ts";
import { auditOf } from "../../src/bootstrap/tokens-of.ts";
import { PoolServer, SERVER_ENVIRONMENT } from "../servers/pool-server.ts";
import { execute, findPostgres, freshDatabase } from "../servers/postgres-server.ts";
import { scratchFolder, serveHere, until } from "./servers.ts";

const ADMIN_TOKEN = "the-admin-token-of-the-environment";
const SECRET = "sekrit00000000000000000000000001";

it("a token that was made in the database, and a key that the server revealed, are in one audit", async () => {
  const DATABASE_URL = `sqlite:${scratchFolder()}/keys.db`;
  const door = await openTokenDoor(
    new Invocation(new ProcessTerminal(), { ...SERVER_ENVIRONMENT, DATABASE_URL }, {}),
  );
  const { id } = await door.create({ name: "screen", role: "viewer" });
  await door.close();
  const { server } = await serveHere({ DATABASE_URL, ADMIN_TOKEN });
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came over the wire
  const send = async (path: string, body?: object): Promise<any> => {
    const response = await fetch(`${server.url}/api${path}`, {
      method: body ? "POST" : "GET",
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return response.json();
  };
  await send("/keys", { key: SECRET, region: "eastasia" });
  expect((await send("/keys/1/reveal", { reason: "to see" })).data.key).toBe(SECRET);
  expect((await send("/keys/export")).keys).toHaveLength(1);
  const { acts } = (await send("/audit")).data;
  const rows = acts.map(({ sequence, act, actor, subject }: (typeof acts)[0]) => [
    ...[sequence, act, actor.id, subject],
  ]);
  expect(rows).toEqual([
    [4, "export_keys", "env", "speech keys"],
    [3, "reveal_key", "env", "speech key 1"],
    [2, "add_key", "env", "a new speech key"],
    [1, "create_token", "command line", `token ${id}`],
  ]);
  expect(server.log).toContainEqual(expect.objectContaining({ msg: "audited", sequence: 3, actor: "env" }));
  expect(JSON.stringify(server.log)).not.toContain(SECRET);

  // A copy of what is durable stands up to being checked once the server has let go of it.
  await server.stop();
  const { masterKey } = readConfig({ ...SERVER_ENVIRONMENT, DATABASE_URL });
  const sealing = openSealing(masterKey, { info: () => {}, warn: () => {} });
  const database = await openDatabase({ url: DATABASE_URL, sealing });
  onTestFinished(() => database.close());
  expect(await auditOf(database, sealing).verify()).toEqual({ intact: true, rows: 4 });
});

const found = await findPostgres();

describe.skipIf("missing" in found)("a server that is killed between an act's row and the act", () => {
  it("leaves the row, which says what was about to be done, and an audit that is whole", async () => {
    if ("missing" in found) throw new Error(found.missing);
    onTestFinished(() => found.server.stop());
    const { url: DATABASE_URL, drop } = await freshDatabase(found.server);
    onTestFinished(drop);
    const killed = await PoolServer.start({ env: { DATABASE_URL } });
    onTestFinished(async () => void (await killed.kill()));
    const locked = execute(DATABASE_URL, "begin; lock table keys in exclusive mode; select pg_sleep(3600)");
    locked.catch(() => {});
    await until(
      () => lockHolders(DATABASE_URL),
      ({ length }) => length === 1,
    );
    const body = JSON.stringify({ key: SECRET, region: "eastasia" });
    const headers = { "content-type": "application/json" };
    const answer = fetch(`${killed.url}/api/keys`, { method: "POST", headers, body }).catch(() => undefined);
    await killed.logged("audited");
    await killed.kill();
    expect(await answer).toBeUndefined();
    for (const { pid } of await lockHolders(DATABASE_URL)) {
      await execute(DATABASE_URL, `select pg_terminate_backend(${pid})`);
    }

    const { server: again } = await serveHere({ DATABASE_URL });
    const { data } = (await (await fetch(`${again.url}/api/audit`)).json()) as Answer;
    expect(data.acts).toMatchObject([{ act: "add_key", subject: "a new speech key", failure: null }]);
    expect(((await (await fetch(`${again.url}/api/keys`)).json()) as Answer).data).toEqual([]);
    expect(((await (await fetch(`${again.url}/api/keys/logs`)).json()) as Answer).data.total).toBe(0);
    const post = { method: "POST", headers, body };
    expect((await fetch(`${again.url}/api/keys`, post)).status).toBe(201);
    await again.stop();
    const { masterKey } = readConfig({ ...SERVER_ENVIRONMENT, DATABASE_URL });
    const sealing = openSealing(masterKey, { info: () => {}, warn: () => {} });
    const database = await openDatabase({ url: DATABASE_URL, sealing });
    onTestFinished(() => database.close());
    expect(await auditOf(database, sealing).verify()).toEqual({ intact: true, rows: 2 });
  });
});

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came over the wire
type Answer = any;

function lockHolders(url: string) {
  return execute(
    url,
    "select pid from pg_locks where relation = 'keys'::regclass and mode = 'ExclusiveLock' and granted",
  );
}
