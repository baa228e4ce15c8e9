import { expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../src/adapters/mikro-orm/index.ts";
import { readConfig } from "../../src/bootstrap/config.ts";
import { openSealing } from "../../src/bootstrap/open-sealing.ts";
import { openTokenDoor } from "../../src/bootstrap/token-door.ts";
import { auditOf } from "../../src/bootstrap/tokens-of.ts";
import { PoolServer, SERVER_ENVIRONMENT } from "../servers/pool-server.ts";
import { scratchFolder } from "./servers.ts";

const ADMIN_TOKEN = "the-admin-token-of-the-environment";
const SECRET = "sekrit00000000000000000000000001";

it("a token that was made in the database, and a key that the server revealed, are in one audit", async () => {
  const DATABASE_URL = `sqlite:${scratchFolder()}/keys.db`;
  const door = await openTokenDoor(readConfig({ ...SERVER_ENVIRONMENT, DATABASE_URL }), {
    url: undefined,
    token: undefined,
  });
  const { id } = await door.create({ name: "screen", role: "viewer" });
  await door.close();
  const server = await PoolServer.start({ env: { DATABASE_URL, ADMIN_TOKEN } });
  onTestFinished(async () => void (await server.kill()));
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
  await server.kill();
  const { masterKey } = readConfig({ ...SERVER_ENVIRONMENT, DATABASE_URL });
  const sealing = openSealing(masterKey, { info: () => {}, warn: () => {} });
  const database = await openDatabase({ url: DATABASE_URL, sealing });
  onTestFinished(() => database.close());
  expect(await auditOf(database, sealing).verify()).toEqual({ intact: true, rows: 4 });
});
