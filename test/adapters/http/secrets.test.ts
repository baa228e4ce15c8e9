import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WORKS } from "../../../src/adapters/azure-emulator/index.ts";
import type { Ports } from "../../../src/application/index.ts";
import { storageUnavailable } from "../../../src/domain/index.ts";
import { type Azure, openAzure } from "../../situations/azure.ts";
import { isLongRun } from "../../situations/long-run.ts";
import { type Answer, type Api, openApi } from "./open-api.ts";
import { SERVICES_UNDER_TEST } from "./services.ts";

/** Of Azure's newer form: 84 letters and digits. */
const CANARY = `CaNaRy${"4f7Qz".repeat(15)}JQQJ`;
const UNKNOWN = `NoBoDy${"8s2Lk".repeat(15)}JQQJ`;

function forms(secret: string): readonly string[] {
  return [secret, secret.toLowerCase(), Buffer.from(secret).toString("base64").slice(0, 80)];
}

describe.each(SERVICES_UNDER_TEST)("I9: a secret under $base", ({ base, region }) => {
  let api: Api;
  let azure: Azure;
  let failing: "no" | "storage" | "fault" = "no";
  const answers: Answer[] = [];
  const allTests = ["/keys/test", "/keys/test2", "/translation/keys/test"];
  const tests = allTests.filter((path) => isLongRun || path.startsWith(base));
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await api.send(method, path, body);
    answers.push(answer);
    return answer;
  };

  /** Every write and read of the database fails on demand, quoting all it was given. */
  function failable(ports: Ports): Ports {
    const wrap = <T extends object>(port: T): T =>
      new Proxy(port, {
        get: (target, name) => {
          const method = Reflect.get(target, name);
          if (typeof method !== "function") return method;
          return (...given: unknown[]) => {
            if (failing === "no") return method.apply(target, given);
            const fault = new Error(`${String(name)} failed: ${JSON.stringify(given)}`);
            const thrown = failing === "storage" ? storageUnavailable(fault) : fault;
            if (name !== "scan") return Promise.reject(thrown);
            return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(thrown) }) };
          };
        },
      });
    return { ...ports, keys: wrap(ports.keys), log: wrap(ports.log), settings: wrap(ports.settings) };
  }

  beforeAll(async () => {
    azure = await openAzure();
    azure.emulator.setScenario(CANARY, WORKS);
    azure.emulator.setDefaultScenario({ kind: "refuse", status: 401, body: { key: UNKNOWN } });
    api = await openApi((ports) => failable({ ...ports, ...azure.probes }));
    await call("POST", base, { key: CANARY, region, keyname: "Canary", tag: "bird" });
  });
  afterAll(async () => {
    await api.close();
    await azure.emulator.close();
  });

  async function callEverything(secret: string): Promise<void> {
    const path = `${base}/${encodeURIComponent(secret)}`;
    const note = `${secret} failed with {"key":"${secret}"}`;
    await call("GET", base);
    await call("GET", `${base}?page=1`);
    await call("GET", `${base}?region=${secret}&tag=${secret}&status=${secret}&page=${secret}`);
    await call("GET", `${base}/logs?action=${secret}&from=${secret}&key_id=${secret}`);
    await call("GET", `${base}/get?region=${secret}&tag=${secret}`);
    await call("GET", `${base}/get?region=nowhere&key=${secret}`);
    await call("POST", `${base}/status`, { key: secret, code: 200, note });
    await call("POST", `${base}/status`, { key: secret, code: 500, note: "x".repeat(490) + secret });
    await call("POST", `${base}/status`, { key: `${secret} `, code: secret, note: { secret } });
    await call("POST", `${base}/status`, `{"key":"${secret}", oops`);
    await call("POST", base, { key: secret, region: "a.b", keyname: [secret], tag: { secret } });
    await call("POST", base, { key: secret, region: secret });
    await call("POST", base, { key: [secret], region: `${secret}/${secret}` });
    await call("PUT", path, { keyname: "Canary", tag: "bird" });
    await call("PUT", path, { region: `${secret}!`, [secret]: secret });
    await call("PUT", path, "");
    await call("PATCH", path, { secret });
    await call("POST", `${path}/disable`);
    await call("POST", `${path}/disable`, `["${secret}"`);
    await call("POST", `${path}/enable`);
    await call("POST", `${path}/unknown`);
    await call("GET", `/nothing/${secret}?${secret}=${secret}`);
    await call("GET", `${path}%zz`);
    await call("GET", `/config/${secret}`);
    await call("DELETE", `/config/${secret}`);
    await call("PUT", `/config/${secret}`, { config_value: "1" });
    await call("PUT", "/config/cooldown_seconds", { config_value: secret });
    await call("POST", "/config", { config_key: `${secret} `, config_value: { secret } });
    for (const test of tests) {
      await call("POST", test, { key: secret, region });
      await call("POST", test, { key: secret, region, text: `say ${secret}`, to: secret, from: [secret] });
      await call("POST", test, { key: secret, region, text: `say ${secret}` });
      await call("POST", test, { key: `${secret} `, region: secret });
    }
    await call("POST", "/upload/create-keys", { jsonData: [{ key: secret, region }] });
    await call("GET", `${base}/stats`);
    await call("GET", `${base}/logs`);
    await call("POST", "/keys/status", { key: secret, code: 429, note: secret });
    await call("GET", `${base}/stats`);
    await call("GET", "/health");
    await call("HEAD", `${base}/get`);
  }

  /** In what was answered and logged since it was last looked for. */
  function expectSilence(): void {
    const shown = answers.splice(0).flatMap(({ text, headers }) => [text, JSON.stringify([...headers])]);
    for (const text of [...shown, api.logged()]) {
      for (const secret of [CANARY, UNKNOWN].flatMap(forms)) expect(text).not.toContain(secret);
    }
    api.forgetLogged();
  }

  it("appears in a hand-out", async () => {
    const handOut = await api.get(`${base}/get`);
    expect(handOut.json.data.key).toBe(CANARY);
  });

  it("appears in no other answer and no log line", async () => {
    await callEverything(CANARY);
    await callEverything(UNKNOWN);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect(answers.some(({ status }) => status === 404)).toBe(true);
    expectSilence();
  });

  it.each(["storage", "fault"] as const)("appears nowhere when everything fails (%s)", async (how) => {
    failing = how;
    for (const secret of isLongRun ? [CANARY, UNKNOWN] : [CANARY]) await callEverything(secret);
    failing = "no";
    expect(answers.some(({ status }) => status === (how === "storage" ? 503 : 500))).toBe(true);
    expect(api.logged()).toContain("failed: ");
    expectSilence();
  });

  it("is refused in a name or tag, where it would be shown", async () => {
    const key = `RePeAt${"1a2B3".repeat(6)}`;
    const { status, text, json } = await api.post(base, { key, region, keyname: `my ${key}`, tag: key });
    expect([status, json.details]).toMatchObject([400, [{ field: "keyname" }, { field: "tag" }]]);
    expect(text).not.toContain(key);
  });

  it("is deleted without a word of it", async () => {
    await call("DELETE", `${base}/${CANARY}`);
    expect(answers.at(-1)?.status).toBe(200);
    await call("GET", `${base}/logs`);
    expectSilence();
  });
});
