import { expect } from "vitest";
import { z } from "zod";
import type { AzureEmulator } from "../../src/adapters/azure-emulator/index.ts";
import { WORKS } from "../../src/adapters/azure-emulator/index.ts";
import { httpRoutes, type Route } from "../../src/adapters/http/index.ts";
import { InMemoryAudit } from "../../src/adapters/in-memory/in-memory-audit.ts";
import { InMemoryTokenRepository } from "../../src/adapters/in-memory/in-memory-token-repository.ts";
import { createInMemoryPorts, InMemoryDatabase } from "../../src/adapters/in-memory/index.ts";
import { NodeTokenCrypto } from "../../src/adapters/node-crypto/index.ts";
import { createKeyPool } from "../../src/application/index.ts";
import { CANARIES, ENVIRONMENT, STRANGERS } from "../situations/canaries.ts";
import { isLongRun } from "../situations/long-run.ts";
import type { Asked, CanaryCaller } from "./canary-caller.ts";

const POOLS = [
  {
    base: "/api/keys",
    service: "speech",
    region: "eastasia",
    keys: [CANARIES.speech, CANARIES.newSpeech],
    tests: ["test", "test2"],
  },
  {
    base: "/api/translation/keys",
    service: "translation",
    region: "global",
    keys: [CANARIES.translation, CANARIES.newTranslation],
    tests: ["test"],
  },
] as const;

/** What the emulator says of each key quotes it, and others. */
export function playAzure(emulator: AzureEmulator): void {
  const quoting = (key: string) => ({
    error: {
      code: "401000",
      message: `The key ${key} is none, nor is ${CANARIES.overwritten.toUpperCase()}`,
    },
    keys: [key, key.toLowerCase(), STRANGERS.newer, { [CANARIES.newSpeech]: CANARIES.translation }],
  });
  for (const key of [...Object.values(CANARIES), ...Object.values(STRANGERS)]) {
    emulator.setScenario(key, { kind: "refuse", status: 401, body: quoting(key) });
  }
  emulator.setScenario(CANARIES.speech, { kind: "works", transcription: `I heard ${CANARIES.newSpeech}` });
  emulator.setScenario(CANARIES.newSpeech, {
    kind: "close",
    code: 1007,
    reason: CANARIES.newSpeech,
    when: "turn-start",
  });
  emulator.setScenario(CANARIES.translation, WORKS);
}

/** Makes a token of each role; asked as `ENVIRONMENT.adminToken`, which counts for nothing afterwards. */
export async function makeTokens(caller: CanaryCaller): Promise<Readonly<Record<string, string>>> {
  const tokens: Record<string, string> = {};
  for (const role of ["viewer", "operator", "client", "admin"]) {
    const body = { name: `the ${role}`, role };
    const { status, json } = await caller.ask("POST", "/api/tokens", { token: ENVIRONMENT.adminToken, body });
    expect(status).toBe(201);
    tokens[role] = json.data.token;
  }
  return tokens;
}

/** All that people and programs do with keys, each with a word too much. */
export async function tellStory(
  caller: CanaryCaller,
  tokens: Readonly<Record<string, string>>,
): Promise<void> {
  const { admin = "", operator = "", viewer = "", client = "" } = tokens;
  const done = async (status: number, method: string, target: string, token: string, body?: unknown) => {
    const told = await caller.ask(method, target, { token, body });
    expect([method, target, told.status], told.json?.error).toEqual([method, target, status]);
    return told;
  };
  await done(200, "GET", "/api/events", viewer);
  for (const { base, region, keys, tests, service } of POOLS) {
    const [older, newer] = keys;
    const note = `${newer.toUpperCase()}: {"key":"${older}","token":"${admin}"} after ${CANARIES.overwritten}`;
    for (const key of keys)
      await done(201, "POST", base, operator, { key, region, keyname: "a canary", tag: "bird" });
    await done(409, "POST", base, operator, { key: older, region });
    await done(400, "POST", base, operator, { key: newer, region, keyname: `it is ${older}`, tag: newer });
    await done(200, "GET", `${base}/get?region=${region}`, client);
    await done(200, "GET", `${base}/get?region=${region}&tag=bird`, client);
    await done(200, "GET", `${base}/watch?region=${region}`, client);
    const limited = async (max_in_flight: number | null) => {
      for (const key of keys) await done(200, "PUT", `${base}/${key}`, operator, { max_in_flight });
    };
    // In Redis a pool's first leases wait until all instances have told of theirs.
    const lease = async (status: number, wait_ms = 30_000): Promise<string> => {
      const asked = { service, region, tag: "bird", ttl_seconds: 3600, wait_ms };
      return (await done(status, "POST", "/api/leases", client, asked)).json.data.lease_id;
    };
    await limited(1);
    const [returned, kept] = [await lease(201), await lease(201)];
    await lease(503, 20);
    const waiting = lease(201);
    await done(200, "POST", `/api/leases/${kept}/renew`, client, { ttl_seconds: 600 });
    await done(200, "POST", `/api/leases/${returned}/release`, client, { code: 200, note });
    await done(200, "POST", `/api/leases/${returned}/release`, client, { code: 500, note });
    await done(404, "POST", `/api/leases/${older}/renew`, client);
    await done(200, "POST", `/api/leases/${await waiting}/release`, client, { note });
    await limited(null);
    await done(200, "POST", `${base}/status`, client, { key: older, code: 200, note });
    await done(200, "POST", `${base}/status`, client, { key: older, code: 429, note });
    await done(200, "POST", `${base}/status`, client, {
      key: newer,
      code: 500,
      note: "x".repeat(480) + newer,
    });
    for (const test of tests) {
      for (const key of [...keys, STRANGERS.newer]) {
        await done(200, "POST", `${base}/${test}`, operator, {
          key,
          region,
          text: `say ${newer} and ${older}`,
        });
      }
    }
    await done(200, "POST", `${base}/status`, client, { key: newer, code: 401, note });
    await done(200, "PUT", `${base}/${newer}`, operator, { keyname: "renamed", tag: "nest" });
    await done(400, "PUT", `${base}/${newer}`, operator, { keyname: newer.toLowerCase() });
    await done(200, "POST", `${base}/${older}/disable`, operator);
    await done(200, "POST", `${base}/${older}/enable`, operator);
    await done(200, "POST", `${base}/${newer}/enable`, operator);
    await done(201, "POST", base, operator, { key: CANARIES.deleted, region });
    await done(200, "DELETE", `${base}/${CANARIES.deleted}`, operator);
    await done(200, "POST", `${base}/${older}/reveal`, admin, {
      reason: `I lost ${older} and ${CANARIES.deleted}`,
    });
    await done(200, "GET", `${base}/export`, admin);
    for (const list of ["", "/logs", "/stats"]) await done(200, "GET", base + list, viewer);
  }
  const file = {
    keys: [
      { key: CANARIES.imported, region: "westus" },
      { key: CANARIES.overwritten, region: "westus" },
    ],
  };
  const wrong = { key: STRANGERS.older, region: STRANGERS.newer, keyname: STRANGERS.older };
  const upload = (status: number, what: string, body: unknown) =>
    done(status, "POST", `/api/upload/${what}`, operator, body);
  await upload(200, "validate", { jsonData: { keys: [...file.keys, wrong, STRANGERS.newer] } });
  await upload(201, "create-keys", { jsonData: file });
  await upload(207, "create-keys", {
    jsonData: [...file.keys, wrong],
    options: { validateBeforeCreate: false },
  });
  await upload(200, "create-keys", { jsonData: JSON.stringify(file), options: { overwriteExisting: true } });
  await upload(400, "create-keys", {
    jsonData: [{ ...wrong, region: "westus" }],
    options: { testBeforeCreate: true },
  });
  await upload(400, "create-keys", `{"jsonData":[{"key":"${CANARIES.imported}", oops`);
  await upload(400, "create-keys", { jsonData: `[{"key":"${CANARIES.imported}", oops` });
  const setting = { config_key: "team.note", config_value: "a nest" };
  await done(201, "POST", "/api/config", admin, setting);
  for (const key of [CANARIES.speech, STRANGERS.newer, admin]) {
    await done(400, "POST", "/api/config", admin, { ...setting, config_value: `it is ${key}` });
    await done(400, "POST", "/api/config", admin, { ...setting, description: key });
  }
  await done(400, "POST", "/api/tokens", admin, { name: `for ${CANARIES.speech}`, role: "viewer" });
  await done(200, "DELETE", `/api/tokens/${viewer.split("_")[1]}`, admin);
  await done(401, "GET", "/api/keys", viewer);
  for (const list of ["/api/tokens", "/api/audit", "/api/config", "/api/health"])
    await done(200, "GET", list, admin);
}

/** Every route there is, made from the route objects themselves. */
export function everyRoute(): readonly Route[] {
  const database = new InMemoryDatabase();
  const pool = createKeyPool({
    ...createInMemoryPorts(undefined, database),
    audit: new InMemoryAudit(database),
    access: { tokens: new InMemoryTokenRepository(database), crypto: new NodeTokenCrypto() },
  });
  // None of them is answered here.
  return httpRoutes({ pool, clock: { now: () => 0 } as never, log: undefined as never, version: "1" });
}

/** Sends each route a secret in every place of a request, with good tokens and with none. */
export async function sweepRoutes(
  caller: CanaryCaller,
  tokens: Readonly<Record<string, string>>,
): Promise<number> {
  const { admin = "", operator = "" } = tokens;
  const words = [CANARIES.swept, STRANGERS.older, STRANGERS.newer, operator, CANARIES.swept.toUpperCase()];
  let asked = 0;
  for (const [n, { method, path, body }] of everyRoute().entries()) {
    const fields = isLongRun ? undefined : fieldsOf(body);
    const chosen = isLongRun ? words : [words[n % words.length] as string];
    for (const word of chosen) {
      // What the round before may have deleted.
      const base = path.startsWith("/api/translation") ? "/api/translation/keys" : "/api/keys";
      await caller.ask("POST", base, { token: admin, body: { key: CANARIES.swept, region: "northeurope" } });
      for (const [target, ask] of requestsWith(word, method, path, admin, fields)) {
        await caller.ask(method, target, ask);
        asked++;
      }
    }
  }
  return asked;
}

/** Those that a route reads of a body; none where it reads no body, and `undefined` where the body is no object. */
function fieldsOf(body: Route["body"]): readonly string[] | undefined {
  if (body === undefined) return [];
  const { properties } = z.toJSONSchema(body, { io: "input", unrepresentable: "any" });
  return properties && Object.keys(properties);
}

/** Of `fields`, each is also sent alone; of all where there is no list. */
function requestsWith(
  word: string,
  method: string,
  path: string,
  token: string,
  fields?: readonly string[],
): readonly (readonly [string, Asked])[] {
  const target = path.replace(/:\w+/, word);
  const query = `${target}?${word}=${word}&region=${word}&tag=${word}&page=${word}&action=${word}&type=${word}`;
  const shown = { key: word, region: "northeurope", keyname: `my ${word}`, tag: word };
  const plausible = {
    ...{
      ...shown,
      code: 500,
      note: `${word} failed`,
      reason: `because of ${word}`,
      name: `for ${word}`,
      role: "viewer",
    },
    ...{
      config_key: "team.note",
      config_value: `see ${word}`,
      configs: [{ config_key: word, config_value: word }],
    },
    ...{
      jsonData: [shown, { key: word }, word],
      expires_at: word,
      scope: { regions: [word] },
      text: word,
      to: word,
    },
  };
  // Where the others are good, so that this one is what is looked at, and not the first of many to be refused.
  const good = {
    ...{
      key: CANARIES.swept,
      region: "northeurope",
      code: 200,
      reason: "to look",
      name: "one",
      role: "viewer",
    },
    ...{ config_key: "team.note", config_value: "a nest", text: "a song" },
  };
  const alone = [
    ...["tag", "note", "keyname", "reason", "name", "description", "text"].map((name) => ({ [name]: word })),
    { note: `${"x".repeat(480)} ${word}` },
    ...["tag", "keyname", "note"].map((name) => ({
      jsonData: [{ key: CANARIES.swept, region: "northeurope", [name]: word }],
    })),
  ];
  const mixedUp = Object.fromEntries(Object.keys(plausible).map((name) => [name, word]));
  const nested = {
    ...mixedUp,
    [word]: { [word]: [word] },
    key: [word],
    region: `${word}/${word}`,
    note: { word },
  };
  const headers = {
    ...{
      "x-request-id": word,
      "user-agent": `agent ${word}`,
      referer: `http://127.0.0.1/${word}`,
      cookie: `token=${word}`,
    },
    ...{
      "x-forwarded-for": word,
      accept: `text/${word}`,
      "accept-language": word,
      traceparent: word,
      etag: word,
    },
  };
  const requestId = { "x-request-id": ENVIRONMENT.adminToken };
  if (method === "GET" || method === "HEAD") {
    return [
      [target, { token, headers }],
      [query, { token, headers: requestId }],
      [query, { headers: { "x-api-key": word } }],
      [`${target}/${word}`, { token, headers: { "x-request-id": word.slice(0, 64) } }],
    ];
  }
  return [
    [target, { token, headers, body: plausible }],
    [target, { token, headers: requestId, body: mixedUp }],
    [target, { token, body: nested }],
    [target, { token, body: `{"key":"${word}","note":"${word}", oops` }],
    [target, { token, headers: { "content-type": `text/${word}` }, body: word }],
    [query, { token, body: plausible }],
    [target, { token: word, headers, body: plausible }],
    ...alone
      .filter((field) => fields === undefined || Object.keys(field).some((name) => fields.includes(name)))
      .map((field) => [target, { token, body: { ...good, ...field } }] as const),
    [`${target}?token=${token}`, { body: plausible }],
  ];
}
