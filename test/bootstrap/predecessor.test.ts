import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import type { Answer, Api } from "../servers/api.ts";
import { rounds } from "../situations/long-run.ts";
import { CLOCKS_APART_MS, scratchFolder, secretOf, serveHere, until } from "./servers.ts";

const CROWD = rounds(100, 1000);
const STORM = rounds(60, 200);
const NEEDLES = rounds(5, 20);
const RETIRED = rounds(10, 60);

// One server for all that needs no restart; each test has a region of its own.
const { server, api } = await serveHere(
  { DATABASE_URL: `sqlite:${scratchFolder(afterAll)}/keys.db`, LOG_LEVEL: "trace" },
  afterAll,
);

async function addKeys(region: string, count: number, to: Api = api): Promise<string[]> {
  const secrets = Array.from({ length: count }, (_, n) => secretOf(`${region}-${n}`));
  const added = await Promise.all(secrets.map((secret) => to.add(secret, region)));
  expect(added.map(({ status }) => status)).toEqual(secrets.map(() => 201));
  return secrets;
}

async function listed(region: string, of: Api = api) {
  return (await of.get(`/keys?region=${region}`)).body.data;
}

const statusesOf = (answers: readonly Answer[]) => [...new Set(answers.map(({ status }) => status))];

describe("many callers at once", () => {
  it("I7: ten reports for ten different keys are all answered", async () => {
    const secrets = await addKeys("ten-keys", 10);
    const answers = await Promise.all(secrets.map((secret) => api.report(secret, 429)));
    expect(answers.map(({ body }) => body.data.action)).toEqual(secrets.map(() => "cooldown"));
    expect((await api.get("/health")).body.data.status).toBe("healthy");
  });

  it(`I2: ${STORM} concurrent 429s start one cooldown, and none of them fails`, async () => {
    const [secret = ""] = await addKeys("storm", 1);
    const answers = await Promise.all(Array.from({ length: STORM }, () => api.report(secret, 429)));
    expect(statusesOf(answers)).toEqual([200]);
    expect(answers.filter(({ body }) => body.data.statusChanged)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.data.reason === "cooling")).toHaveLength(STORM - 1);
  });

  it(`I7: a single 401 among 49 reports of 200 is never lost, ${NEEDLES} times of ${NEEDLES}`, async () => {
    const secrets = await addKeys("needle", NEEDLES);
    for (const [n, secret] of secrets.entries()) {
      const codes = Array.from({ length: 50 }, (_, index) => (index === (n * 7) % 50 ? 401 : 200));
      const answers = await Promise.all(codes.map((code) => api.report(secret, code)));
      expect(statusesOf(answers)).toEqual([200]);
      expect(answers.filter(({ body }) => body.data.action === "disable")).toHaveLength(1);
    }
    for (const key of await listed("needle")) {
      expect(key).toMatchObject({ status: "disabled", disabled_by: "code", disabled_code: 401 });
    }
  });

  it(`I5: a manual disable wins over concurrent 429s, ${RETIRED} of ${RETIRED}, and stays when their cooldown ends`, async () => {
    onTestFinished(async () => void (await api.set("cooldown_seconds", 300)));
    await api.set("cooldown_seconds", 0.2);
    const secrets = await addKeys("retired", RETIRED);
    await Promise.all(
      secrets.map(async (secret, n) => {
        const reports = Array.from({ length: 10 }, () => () => api.report(secret, 429));
        const calls = reports.toSpliced(n % 10, 0, () => api.post(`/keys/${secret}/disable`));
        expect(statusesOf(await Promise.all(calls.map((call) => call())))).toEqual([200]);
      }),
    );
    // This key rests later than the others; when it is back, theirs would be too.
    const [last = ""] = await addKeys("rested-last", 1);
    await api.report(last, 429);
    await until(
      () => api.handOut("rested-last"),
      ({ status }) => status === 200,
    );
    const keys = await listed("retired");
    expect(keys).toHaveLength(RETIRED);
    for (const key of keys) expect(key).toMatchObject({ status: "disabled", disabled_by: "person" });
    expect((await api.handOut("retired")).body.code).toBe("no_key");
  });

  it(`I10: hands out each of ${CROWD} keys in turn and loses none of as many reports`, async () => {
    const secrets = await addKeys("crowd", CROWD);
    const handedOut = await Promise.all(secrets.map(() => api.handOut("crowd")));
    expect(statusesOf(handedOut)).toEqual([200]);
    expect(new Set(handedOut.map(({ body }) => body.data.key))).toEqual(new Set(secrets));
    const from = new Date().toISOString();
    const reports = await Promise.all(secrets.map((secret) => api.report(secret, 200)));
    expect(statusesOf(reports)).toEqual([200]);
    const { total } = (await api.get(`/keys/logs?action=set_status&from=${from}&limit=1`)).body.data;
    expect(total).toBe(CROWD);
  });
});

describe("a restart", () => {
  it("I3: a stop enables nothing, and a key is back for the first who asks after its deadline", async () => {
    const DATABASE_URL = `sqlite:${scratchFolder()}/keys.db`;
    const first = await serveHere({ DATABASE_URL });
    await first.api.set("cooldown_seconds", 2);
    const [cooling = "", dead = ""] = await addKeys("eastasia", 2, first.api);
    await first.api.report(dead, 401);
    await first.api.report(cooling, 429);
    const [{ cooldown_until: deadline }] = await listed("eastasia", first.api);
    await first.server.stop();

    const second = await serveHere({ DATABASE_URL });
    const early = await second.api.handOut();
    // A very slow start may take longer than the cooldown; then nothing can be checked.
    if (Date.now() < Date.parse(deadline) - CLOCKS_APART_MS) {
      expect(early.body).toMatchObject({ code: "all_keys_cooling", data: { availableAt: deadline } });
    }
    const { askedAt, answer } = await until(
      async () => ({ askedAt: Date.now(), answer: await second.api.handOut() }),
      ({ askedAt, answer }) => answer.status === 200 || askedAt > Date.parse(deadline) + CLOCKS_APART_MS,
    );
    expect(answer.body.data.key, `asked at ${askedAt}`).toBe(cooling);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(deadline) - CLOCKS_APART_MS);
    expect((await listed("eastasia", second.api))[1]).toMatchObject({ status: "disabled" });
  });

  it("I4: protection holds when the cooldown ended while no server ran", async () => {
    const DATABASE_URL = `sqlite:${scratchFolder()}/keys.db`;
    const first = await serveHere({ DATABASE_URL });
    await first.api.set("cooldown_seconds", 0.2);
    await first.api.set("protection_period_seconds", 3600);
    const [secret = ""] = await addKeys("eastasia", 1, first.api);
    await first.api.report(secret, 429);
    const [{ protected_until: protectedUntil }] = await listed("eastasia", first.api);
    await first.server.stop();
    const deadline = Date.parse(protectedUntil) - 3_600_000;
    await until(
      async () => Date.now(),
      (now) => now > deadline,
    );
    const second = await serveHere({ DATABASE_URL });
    expect((await second.api.handOut()).status).toBe(200);
    const { action, reason } = (await second.api.report(secret, 429)).body.data;
    expect({ action, reason }).toEqual({ action: "skip", reason: "protected" });
    expect((await listed("eastasia", second.api))[0].protected_until).toBe(protectedUntil);
  });
});

describe("bad input", () => {
  it("I8: a cooldown of abc seconds is refused wherever it comes from, and 429 still rests a key", async () => {
    const entry = { config_key: "cooldown_seconds", config_value: "abc" };
    const refused = [
      await api.post("/config", entry),
      await api.put("/config/cooldown_seconds", entry),
      await api.post("/config/batch", { configs: [entry] }),
    ];
    for (const { status, body } of refused) {
      expect(status).toBe(400);
      expect(body.code).toBe("invalid_request");
      expect(body.error).toMatch(/cooldown_seconds|config_value/);
    }
    expect((await api.get("/config/cooldown_seconds")).body.data.config_value).toBe("300");
    const [secret = ""] = await addKeys("abc-seconds", 1);
    expect((await api.report(secret, 429)).body.data.statusChanged).toBe(true);
  });

  it("I8: a region that names another host is refused, and no host is dialled", async () => {
    let dialled = 0;
    const trap = createServer(() => dialled++).listen(0, "127.0.0.1");
    await once(trap, "listening");
    onTestFinished(() => void trap.close());
    const address = trap.address();
    const region = `127.0.0.1:${typeof address === "object" && address?.port}/x?`;
    const [secret = ""] = await addKeys("trap", 1);
    const refused = [
      await api.add(secretOf("trapped"), region),
      await api.put(`/keys/${secret}`, { region }),
      await api.handOut(encodeURIComponent(region)),
    ];
    for (const { status, body } of refused) {
      expect(status).toBe(400);
      expect(body.error).toMatch(/^region: /);
    }
    for (const path of ["/keys/test", "/keys/test2", "/translation/keys/test"]) {
      const { status } = await api.post(path, { key: secretOf("trapped"), region });
      expect(status).toBeGreaterThanOrEqual(400);
    }
    expect(dialled).toBe(0);
    expect(await listed("trap")).toHaveLength(1);
  });
});

describe("what is kept and shown", () => {
  it("I9: no key is in any line of the server's log or in its log rows", async () => {
    const secret = "f00dfeedf00dfeedf00dfeedf00dfeed";
    await api.add(secret);
    await api.add(secret);
    await api.handOut();
    await api.report(secret, 429, `429 for ${secret}`);
    await api.report(secret, "nonsense", secret);
    await api.put(`/keys/${secret}`, { keyname: "named" });
    await api.put(`/keys/${secret}`, { region: secret.repeat(3) });
    await api.post(`/keys/${secret}/disable`);
    await api.post(`/keys/${secret}/nowhere`, { key: secret });
    await api.get(`/keys/get?region=${secret}&key=${secret}`);
    await api.post("/keys/test", { key: secret, region: "eastasia" });
    const headers = { "content-type": "application/json", "x-request-id": "the-last" };
    await fetch(`${server.url}/api/keys/status`, { method: "POST", headers, body: `{"key":"${secret}` });
    await until(
      async () => server.log.some(({ requestId }) => requestId === "the-last"),
      (isThere) => isThere,
    );
    const rows = (await api.get("/keys/logs?limit=1000")).body.data;
    const keys = (await api.get("/keys")).body.data;
    for (const shown of [JSON.stringify(server.log), JSON.stringify(rows), JSON.stringify(keys)]) {
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(secretOf("").slice(0, 10));
    }
  });

  it("every route of the reference is there", async () => {
    const key = secretOf("unknown");
    const asked: [method: "get" | "post", path: string][] = [
      ["get", "/keys/get"],
      ["get", "/translation/keys/get"],
      ["get", "/translation/keys"],
      ["get", "/keys/stats"],
      ["get", "/config/cooldown_seconds"],
      ["get", "/upload/template?type=speech"],
      ["get", "/openapi.json"],
      ["get", "/system/cleanup"],
      ["post", "/keys/status"],
      ["post", `/keys/${key}/enable`],
      ["post", "/keys/test"],
      ["post", "/keys/test2"],
      ["post", "/translation/keys/status"],
      ["post", "/translation/keys/test"],
      ["post", "/upload/create-keys"],
      ["post", "/upload/validate"],
      ["post", "/config/batch"],
    ];
    for (const [method, path] of asked) {
      const { body } = method === "get" ? await api.get(path) : await api.post(path, {});
      expect(["not_found", "method_not_allowed"], path).not.toContain(body.code);
    }
  });

  it("a tag limits the pool", async () => {
    await api.add(secretOf("tagged"), "tagged", { tag: "batch" });
    await api.add(secretOf("untagged"), "tagged");
    for (let n = 0; n < 4; n++) {
      const { key } = (await api.get("/keys/get?region=tagged&tag=batch")).body.data;
      expect(key).toBe(secretOf("tagged"));
    }
    expect((await api.get("/keys/get?region=tagged&tag=other")).body.code).toBe("no_key");
  });

  it("a report is one log row, a hand-out none", async () => {
    const [secret = ""] = await addKeys("polled", 1);
    const [{ id }] = await listed("polled");
    for (let n = 0; n < 50; n++) await api.handOut("polled");
    for (const code of [200, 500, 429]) await api.report(secret, code);
    // Only counted: in a storm, log rows would flood the log.
    await api.report(secret, 429);
    const { logs } = (await api.get(`/keys/logs?key_id=${id}`)).body.data;
    expect(logs.map(({ action }: { action: string }) => action)).toEqual([
      "cooldown_start",
      "set_status",
      "set_status",
      "add_key",
    ]);
  });

  it("a page of the log has its limits", async () => {
    const { status, body } = await api.get("/keys/logs?limit=400000");
    expect(status).toBe(400);
    expect(body.error).toMatch(/^limit: /);
    const page = (await api.get("/keys/logs?page=2&limit=7")).body.data;
    expect(page).toMatchObject({ page: 2, limit: 7 });
    expect(page.logs).toHaveLength(7);
  });
});
