import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openDatabase } from "../../src/adapters/mikro-orm/index.ts";
import { openNative } from "../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { LocalMasterKey } from "../../src/adapters/sealing/index.ts";
import { openSealing } from "../../src/bootstrap/open-sealing.ts";
import { Api } from "../servers/api.ts";
import { CANARIES, sought } from "../situations/canaries.ts";
import { masterKeyText } from "../situations/sealing.ts";
import { SecretSearch } from "../situations/secret-search.ts";
import { scratchFolder, serveHere } from "./servers.ts";

const SILENT = { info: () => {}, warn: () => {} };

/** All that is in the file. A column that is new here is one that a thief gets: SECURITY.md has to say so. */
const COLUMNS = {
  keys: [
    ...["id", "service", "region", "keyname", "tag", "status", "disabled_by", "disabled_code", "disabled_at"],
    ...["cooldown_until", "protected_until", "generation", "usage_count", "error_count", "last_used"],
    ...["created_at", "updated_at", "placement", "fingerprint", "sealed", "max_in_flight"],
  ],
  logs: [
    "id",
    "service",
    "key_id",
    "keyname",
    "region",
    "action",
    "status_code",
    "note",
    "created_at",
    "actor",
  ],
  log_totals: ["service", "action", "status_code", "total"],
  settings: ["name", "value", "description", "created_at", "updated_at"],
  tokens: ["id", "name", "role", "scope", "hash", "created_at", "expires_at", "last_used", "code"],
  sealing: ["id", "database_id", "envelope", "stage"],
  audit: [
    ...["sequence", "created_at", "actor_id", "actor_name", "actor_role", "address", "request_id", "act"],
    ...["subject", "value_before", "value_after", "failure", "previous", "code"],
  ],
  audit_head: ["id", "sequence", "code"],
  migrations: ["id", "name", "executed_at"],
};

it("a stolen data folder gives names, places, counters and masks, and no way in", async () => {
  const [data, stolen, config, elsewhere] = [
    scratchFolder(),
    scratchFolder(),
    scratchFolder(),
    scratchFolder(),
  ];
  const { server, api } = await serveHere({
    DATABASE_URL: `sqlite:${data}/keys.db`,
    MASTER_KEY: "",
    XDG_CONFIG_HOME: config,
  });
  await api.add(CANARIES.speech, "eastasia", { keyname: "Team A", tag: "gold" });
  await api.report(CANARIES.speech, 500, `it was ${CANARIES.speech}`);
  const admin = (await api.post("/tokens", { name: "Dashboard", role: "admin" })).body.data.token as string;
  const asAdmin = new Api(server, admin);
  await asAdmin.post("/keys/1/reveal", { reason: "moving" });
  await asAdmin.add(CANARIES.newSpeech);
  cpSync(data, stolen, { recursive: true });

  expect(readdirSync(stolen).sort()).toEqual([
    ...["keys.db", "keys.db-shm", "keys.db-wal", "keys.db.lock", "keys.db.lock-journal"],
  ]);
  const search = new SecretSearch(sought([admin]));
  for (const name of readdirSync(stolen)) expect(search.in(readFileSync(`${stolen}/${name}`))).toEqual([]);

  const native = openNative(`${stolen}/keys.db`, {});
  const rowsOf = (sql: string) => native.prepare(sql).all([]);
  const tables = rowsOf("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'");
  const columns = tables.map(({ name }) => [
    name,
    rowsOf(`pragma table_info(${name})`).map((row) => row.name),
  ]);
  expect(Object.fromEntries(columns)).toEqual(COLUMNS);
  const [key] = rowsOf("select * from keys");
  const [token] = rowsOf("select * from tokens");
  const audit = rowsOf("select value_before, value_after from audit").map((row) => JSON.stringify(row));
  native.close();
  // What it does give: names, and of each key its first four characters.
  expect(key).toMatchObject({ keyname: "Team A", region: "eastasia", tag: "gold" });
  expect(audit.join()).toContain(`${CANARIES.speech.slice(0, 4)}***`);
  // A fingerprint is none that a list of guesses could be compared with.
  for (const guess of [CANARIES.speech, `speech${CANARIES.speech}`, `speech|${CANARIES.speech}`]) {
    for (const kind of ["sha256", "sha512", "md5"]) {
      const hash = createHash(kind).update(guess).digest();
      expect([hash.toString("base64url"), hash.toString("hex")]).not.toContain(key?.fingerprint);
    }
  }
  // A token's hash is no token.
  const id = String(token?.id);
  for (const forged of [
    String(token?.hash),
    `akp_${id}_${token?.hash}`,
    `akp_${id}_${token?.hash}${admin.slice(-6)}`,
  ]) {
    expect([401, 429]).toContain((await new Api(server, forged).get("/keys")).status);
  }
  expect((await asAdmin.get("/keys")).status).toBe(200);

  const opened = (sealing: ReturnType<typeof openSealing>) =>
    openDatabase({ url: `sqlite:${stolen}/keys.db`, sealing });
  await expect(opened(openSealing({ kind: "own-file", folder: elsewhere }, SILENT))).rejects.toMatchObject({
    code: "no_master_key",
  });
  const masterKey = LocalMasterKey.parse(masterKeyText(9), "a guess");
  await expect(opened(openSealing({ kind: "given", masterKey }, SILENT))).rejects.toMatchObject({
    code: "wrong_master_key",
  });
});
