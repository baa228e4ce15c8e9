import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it, onTestFinished } from "vitest";
import { Api } from "../servers/api.ts";
import { findRedis } from "../servers/redis-server.ts";
import { TcpLink } from "../servers/tcp-link.ts";
import { openAzure } from "../situations/azure.ts";
import { readScrape, type Scraped, seriesOf } from "../situations/scrape.ts";
import { type ServerHere, scratchFolder, secretOf, serveHere, until } from "./servers.ts";

const ADMIN_TOKEN = "the-admin-token-of-the-environment";

const databaseUrl = () => `sqlite:${scratchFolder()}/keys.db`;

async function scrape({ url }: ServerHere, token?: string): Promise<{ text: string; scraped: Scraped }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/metrics`, { headers });
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  const text = await response.text();
  return { text, scraped: readScrape(text) };
}

/** How often each route was answered, by class of status. */
const answersOf = (scraped: Scraped) => seriesOf(scraped, "http_request_seconds_count");

describe("the metrics of a server", () => {
  it("are exactly what was done", async () => {
    const azure = await openAzure();
    onTestFinished(() => azure.emulator.close());
    const { server, api } = await serveHere({
      DATABASE_URL: databaseUrl(),
      AZURE_SPEECH_URL: azure.emulator.url,
      AZURE_TRANSLATOR_URL: azure.emulator.url,
    });
    const [one, two, three, lone] = [secretOf(1), secretOf(2), secretOf(3), secretOf("lone")];
    for (const secret of [one, two, three]) await api.add(secret);
    await api.add(lone, "westus");
    await api.post("/translation/keys", { key: one, region: "global" });

    for (let n = 0; n < 7; n++) await api.handOut();
    await api.handOut("EastAsia");
    await api.get("/translation/keys/get");
    await api.handOut("a-region-of-nobody");
    await api.handOut("no/region");
    for (const code of [200, 200, "404", 418, 503]) await api.report(one, code);
    for (const code of [429, 429, 200, 401]) await api.report(lone, code);
    await api.handOut("westus");
    await api.report(lone, 403);
    await api.report(two, 429);
    await api.post(`/keys/${three}/disable`);
    await api.report(three, 429);
    await api.report("nobody-has-this-key", 200);
    await api.handOut();
    await api.post("/translation/keys/status", { key: one, code: 200 });

    const test = (path: string, key: string, region = "eastasia") => api.post(path, { key, region });
    await test("/keys/test", azure.secretFor({ kind: "works" }));
    await test("/keys/test", azure.secretFor({ kind: "refuse", status: 429 }));
    await test("/keys/test2", azure.secretFor({ kind: "refuse", status: 401 }));
    await test("/translation/keys/test", azure.secretFor({ kind: "drop", when: "handshake" }), "global");
    const throttled = azure.secretFor({ kind: "refuse", status: 429 });
    await api.add(throttled, "westus");
    await test("/keys/test", throttled, "westus");
    await api.handOut("westus");

    const { scraped } = await scrape(server);
    expect(seriesOf(scraped, "handouts_total")).toEqual([
      "speech eastasia all_away 1",
      "speech eastasia handed_out 8",
      "speech other no_key 1",
      "speech westus all_away 1",
      "speech westus no_key 1",
      "translation global handed_out 1",
    ]);
    expect(seriesOf(scraped, "keys")).toEqual([
      "speech eastasia cooldown 1",
      "speech eastasia disabled 2",
      "speech westus cooldown 1",
      "speech westus disabled 1",
      "translation global enabled 1",
    ]);
    expect(seriesOf(scraped, "reports_total")).toEqual([
      "speech 2xx keep_enabled 2",
      "speech 2xx log 1",
      "speech 4xx cooldown 2",
      "speech 4xx disable 2",
      "speech 4xx log 1",
      "speech 4xx skip 3",
      "speech 5xx log 1",
      "translation 2xx keep_enabled 1",
    ]);
    expect(seriesOf(scraped, "ignored_reports_total")).toEqual([
      "already_disabled 1",
      "cooling 1",
      "disabled 1",
    ]);
    expect(seriesOf(scraped, "cooldowns_total")).toEqual(["speech eastasia 1", "speech westus 2"]);
    expect(seriesOf(scraped, "disables_total")).toEqual([
      "speech eastasia 404 1",
      "speech eastasia person 1",
      "speech westus 401 1",
    ]);
    expect(seriesOf(scraped, "probes_total")).toEqual([
      "recognition rejected 1",
      "synthesis throttled 2",
      "synthesis works 1",
      "translation unanswered 1",
    ]);
    expect(seriesOf(scraped, "probe_seconds_count")).toEqual([
      "recognition 1",
      "synthesis 3",
      "translation 1",
    ]);
    expect(answersOf(scraped).filter((line) => !line.startsWith("/api/health"))).toEqual([
      "/api/keys POST 2xx 5",
      "/api/keys/:key/disable POST 2xx 1",
      "/api/keys/get GET 2xx 8",
      "/api/keys/get GET 4xx 3",
      "/api/keys/get GET 5xx 2",
      "/api/keys/status POST 2xx 12",
      "/api/keys/status POST 4xx 1",
      "/api/keys/test POST 2xx 3",
      "/api/keys/test2 POST 2xx 1",
      "/api/translation/keys POST 2xx 1",
      "/api/translation/keys/get GET 2xx 1",
      "/api/translation/keys/status POST 2xx 1",
      "/api/translation/keys/test POST 5xx 1",
    ]);
    expect(Object.fromEntries(scraped)).toMatchObject({
      database_up: 1,
      owed_writes: 0,
      'degraded{part="database"}': 0,
      instance_alone_seconds_total: 0,
      process_resident_memory_bytes: expect.any(Number),
      nodejs_eventloop_lag_p99_seconds: expect.any(Number),
    });
    expect(scraped.get("commit_rows_count")).toBe(scraped.get("commit_seconds_count"));
    expect(scraped.get("commit_rows_sum")).toBeGreaterThan(20);
    expect(scraped.has("shared_store_up")).toBe(false);
  });

  it("hold no key, token or path that somebody sent", async () => {
    const { server } = await serveHere({ DATABASE_URL: databaseUrl(), ADMIN_TOKEN });
    const api = new Api(server, ADMIN_TOKEN);
    const canary = "cafe0000beef1111cafe0000beef2222";
    await api.add(canary);
    await api.handOut();
    await api.handOut(canary);
    await api.get(`/keys/get?region=eastasia&tag=${canary}`);
    await api.get(`/keys/get?${canary}=1`);
    await api.get(`/keys/${canary}`);
    await api.get(`/${canary}`);
    await api.report(canary, 429, canary);
    await api.report(canary.toUpperCase(), 429);
    await api.post("/keys/test", { key: canary, region: canary });
    const { body } = await api.post("/tokens", { name: "monitor", role: "viewer" });
    await new Api(server, body.data.token).get("/keys");
    await new Api(server, `${body.data.token}x`).get("/keys");
    await fetch(`${server.url}/api/keys`, { method: "PROPFIND" }).catch(() => {});
    const { text } = await scrape(server, body.data.token);
    expect(text.toLowerCase()).not.toMatch(/cafe0000|beef1111|beef2222|propfind/);
    expect(text).not.toContain(body.data.token.slice(0, 16));
    expect(text).not.toContain(ADMIN_TOKEN);
  });

  it("pass the check of Prometheus' own tool", async ({ skip }) => {
    const { error } = spawnSync("promtool", ["--version"]);
    if (error) skip("promtool is not on the PATH; it comes with Prometheus");
    const { server, api } = await serveHere({ DATABASE_URL: databaseUrl() });
    await api.add(secretOf(1));
    for (const code of [200, 429, 429, 401]) await api.report(secretOf(1), code);
    const { text } = await scrape(server);
    // It prints what it finds amiss, be it no fault.
    expect(execFileSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" })).toBe("");
    expect(() =>
      execFileSync("promtool", ["check", "metrics"], { input: `${text}1`, stdio: "pipe" }),
    ).toThrow();
  });
});

describe("the door before the metrics", () => {
  const get = ({ url }: ServerHere, path: string, token?: string, method = "GET") =>
    fetch(url + path, { method, headers: token === undefined ? {} : { "x-api-key": token } });

  it("stands open to programs of this machine while no token exists, at one path", async () => {
    const { server } = await serveHere({ DATABASE_URL: databaseUrl() });
    const statuses = async (...paths: readonly string[]) =>
      Promise.all(paths.map(async (path) => (await get(server, path)).status));
    expect(await statuses("/metrics", "/api/metrics", "/metrics/", "/Metrics", "/metrics?x=1")).toEqual([
      200, 404, 404, 404, 400,
    ]);
    const head = await get(server, "/metrics", undefined, "HEAD");
    expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
      "",
    ]);
    expect((await get(server, "/metrics", undefined, "POST")).status).toBe(405);
    const foreign = await fetch(`${server.url}/metrics`, { headers: { origin: "https://example.com" } });
    expect(foreign.status).toBe(403);
  });

  it("lets in who may see all keys, and counts tokens that let nobody in", async () => {
    const { server } = await serveHere({ DATABASE_URL: databaseUrl(), ADMIN_TOKEN });
    const admin = new Api(server, ADMIN_TOKEN);
    const make = async (fields: object): Promise<string> =>
      (await admin.post("/tokens", { name: "n", ...fields })).body.data.token;
    const viewer = await make({ role: "viewer" });
    const client = await make({ role: "client" });
    const scoped = await make({ role: "viewer", scope: { regions: ["eastasia"] } });
    const statusOf = async (token?: string, method = "GET") =>
      (await get(server, "/metrics", token, method)).status;
    expect(await statusOf(viewer)).toBe(200);
    expect(await statusOf(viewer, "HEAD")).toBe(200);
    expect([await statusOf(client), await statusOf(scoped)]).toEqual([403, 403]);
    expect([await statusOf(), await statusOf(undefined, "HEAD")]).toEqual([401, 401]);
    expect([await statusOf("nonsense"), await statusOf("nonsense")]).toEqual([401, 401]);
    const twice = { authorization: `Bearer ${viewer}`, "x-api-key": viewer };
    expect((await fetch(`${server.url}/metrics`, { headers: twice })).status).toBe(401);
    const { scraped } = await scrape(server, viewer);
    expect(seriesOf(scraped, "token_failures_total")).toEqual(["malformed 2", "unclear 1"]);
    const metrics = answersOf(scraped).filter((line) => /^(\/metrics|other)/.test(line));
    // Who shows no good token is refused before it is looked for what he asks.
    expect(metrics).toEqual(["/metrics GET 2xx 2", "/metrics GET 4xx 2", "other other 4xx 5"]);
  });
});

const found = await findRedis();

describe.skipIf("missing" in found)(
  `the metrics of an instance ${"missing" in found ? found.missing : ""}`,
  () => {
    it("say that it goes on alone, and for how long it has", async () => {
      if ("missing" in found) return;
      const redis = found.server;
      onTestFinished(() => redis.stop());
      const link = await TcpLink.to(redis.url);
      onTestFinished(() => link.close());
      const { server, api } = await serveHere({ DATABASE_URL: databaseUrl(), REDIS_URL: link.url });
      await api.add(secretOf("alone"));
      const read = async () => (await scrape(server)).scraped;
      const isUp = (scraped: Scraped) => scraped.get("shared_store_up") === 1;
      const aloneIn = (scraped: Scraped) => scraped.get("instance_alone_seconds_total") ?? 0;
      const before = await read();
      expect([isUp(before), aloneIn(before)]).toEqual([true, 0]);
      link.cut();
      const askAndRead = async () => {
        await api.handOut();
        return read();
      };
      const alone = await until(askAndRead, (scraped) => !isUp(scraped) && aloneIn(scraped) > 0);
      expect(alone.get('degraded{part="cooldown_store"}')).toBe(1);
      await until(read, (scraped) => aloneIn(scraped) > aloneIn(alone));
      link.mend();
      const after = aloneIn(await until(read, isUp));
      expect(after).toBeGreaterThan(0);
      expect(aloneIn(await read())).toBe(after);
    });
  },
);
