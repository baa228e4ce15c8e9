import { afterEach, beforeEach, expect, it } from "vitest";
import { httpRoutes } from "../../../../src/adapters/http/index.ts";
import type { Access } from "../../../../src/application/index.ts";
import {
  type Audit,
  type AuditAct,
  type SpeechProbe,
  type TranslationProbe,
  verdictOf,
} from "../../../../src/domain/index.ts";
import { type Breakable, breakable } from "../../../../src/testing/breakable.ts";
import { type Api, type Json, openApi, secretOf } from "../open-api.ts";

interface Case {
  /** What is sent, and where to if that is not the route's path with 1 for its key. */
  readonly body?: Json;
  readonly target?: string;
  /** The act that it is in the audit. */
  readonly act?: AuditAct;
  /** Why it is no act of the audit. */
  readonly notAudited?: string;
}

const [known, fresh] = [secretOf(1), secretOf(2)];
const reported = "what programs report of keys is in the log, each of them with its actor";

const keyCases = (base: string, type: string, region: string): Record<string, Case> => ({
  [`POST ${base}`]: { body: { key: fresh, region }, act: "add_key" },
  [`PUT ${base}/:key`]: { body: { tag: "gold" }, act: "update_key" },
  [`DELETE ${base}/:key`]: { act: "delete_key" },
  [`POST ${base}/:key/enable`]: { act: "enable_key" },
  [`POST ${base}/:key/disable`]: { act: "disable_key" },
  [`POST ${base}/:key/reveal`]: { body: { reason: "to see" }, act: "reveal_key" },
  [`GET ${base}/export`]: { act: "export_keys" },
  [`POST ${base}/test`]: { body: { key: known, region }, act: "test_key" },
  [`POST ${base}/:key/test`]: { act: "test_key" },
  [`POST ${base}/status`]: { body: { key: known, code: 401 }, notAudited: reported },
  ...(type === "speech" && {
    [`POST ${base}/test2`]: { body: { key: known, region }, act: "test_key" },
  }),
});

const leased = "like a hand-out, it is counted and does nothing to a key";

const CASES: Readonly<Record<string, Case>> = {
  ...keyCases("/keys", "speech", "eastasia"),
  ...keyCases("/translation/keys", "translation", "global"),
  "POST /upload/create-keys": {
    body: { jsonData: [{ key: fresh, region: "eastasia" }] },
    act: "import_keys",
  },
  "POST /upload/validate": {
    body: { jsonData: [{ key: fresh, region: "eastasia" }] },
    notAudited: "it changes nothing",
  },
  "POST /leases": { body: { region: "eastasia" }, notAudited: leased },
  "POST /leases/:id/renew": { body: {}, notAudited: leased },
  "POST /leases/:id/release": { body: { code: 401 }, notAudited: reported },
  "POST /config": { body: { config_key: "team", config_value: "x" }, act: "update_settings" },
  "POST /config/batch": {
    body: { configs: [{ config_key: "team", config_value: "x" }] },
    act: "update_settings",
  },
  "PUT /config/:key": {
    target: "/config/cooldown_seconds",
    body: { config_value: "60" },
    act: "update_settings",
  },
  "DELETE /config/:key": { target: "/config/cooldown_seconds", act: "update_settings" },
  "POST /system/cleanup": { act: "clean_up_logs" },
  "POST /tokens": { body: { name: "n", role: "viewer" }, act: "create_token" },
  "DELETE /tokens/:id": { act: "revoke_token" },
};

let api: Api;
let audit: Breakable<Audit>;
let token: string;
let id: string;
let lease: string;

beforeEach(async () => {
  const verdict = verdictOf({ kind: "works" });
  const speechProbe: SpeechProbe = {
    synthesize: async () => ({ verdict, audioSize: 1 }),
    recognize: async () => ({ verdict, transcription: "", recognitionStatus: null, rawResponse: null }),
  };
  const translationProbe: TranslationProbe = {
    translate: async () => ({ verdict, translation: "", rawResponse: null }),
  };
  api = await openApi((ports) => {
    audit = breakable(ports.audit as Audit);
    return { ...ports, speechProbe, translationProbe, audit: audit.port };
  });
  ({ text: token, id } = await (api.pool.access as Access).create({ name: "root", role: "admin" }));
  await api.pool.addKey.execute({ service: "speech", secret: known, region: "eastasia" });
  await api.pool.addKey.execute({ service: "translation", secret: known, region: "global" });
  const headers = { authorization: `Bearer ${token}` };
  lease = (await api.send("POST", "/leases", { region: "eastasia" }, headers)).json.data.lease_id;
});
afterEach(() => api.close());

async function ask(name: string) {
  const [method = "", path = ""] = name.split(" ");
  const { body, target = path } = CASES[name] as Case;
  const ofKey = target.startsWith("/translation") ? "2" : "1";
  const at = target.replace(":key", ofKey).replace(":id", target.startsWith("/leases") ? lease : id);
  return api.send(method, at, body, { authorization: `Bearer ${token}` });
}

const rows = async () => (await api.pool.audit?.list({ offset: 0, limit: 10 }))?.entries ?? [];

it("every route that may change something or tells secrets has a case here, and no other", () => {
  const routes = httpRoutes({ pool: api.pool, clock: api.clock, log: undefined as never, version: "1" });
  const isAct = ({ method, needsToken }: (typeof routes)[0]) =>
    !["GET", "HEAD"].includes(method) || needsToken === true;
  const acts = routes.filter(isAct).map(({ method, path }) => `${method} ${path.replace("/api", "")}`);
  expect(acts.toSorted()).toEqual(Object.keys(CASES).toSorted());
});

it.each(Object.keys(CASES))("%s is written down with who did it, or need not be", async (name) => {
  const { act } = CASES[name] as Case;
  const { status } = await ask(name);
  expect(status).toBeLessThan(300);
  const expected = act ? [{ act, actor: { id, role: "admin" }, failure: null }] : [];
  expect(await rows()).toMatchObject(expected);
});

it.each(Object.keys(CASES).filter((name) => CASES[name]?.act))(
  "%s is refused and changes nothing while it cannot be written down",
  async (name) => {
    const before = structuredClone(stored());
    audit.break("append");
    const { status, json, text } = await ask(name);
    expect([status, json.code]).toEqual([503, "storage_unavailable"]);
    expect(text).not.toContain(known);
    expect(stored()).toEqual(before);
  },
);

it("hand-outs and reports go on while nothing can be written down", async () => {
  audit.break("append");
  const headers = { authorization: `Bearer ${token}` };
  expect((await api.send("GET", "/keys/get", undefined, headers)).status).toBe(200);
  expect((await ask("POST /keys/status")).status).toBe(200);
});

function stored() {
  const { keys, settings, tokens, logs, audit } = api.database;
  return { keys, settings, tokens, logs, audit };
}
