import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createInMemoryPorts, InMemoryNews, ManualClock } from "../../../../src/adapters/in-memory/index.ts";
import { createKeyPool, type PoolEvent } from "../../../../src/application/index.ts";
import { JOBS_BY_HAND } from "../../../../src/testing/pool.ts";
import { type Answer, type Api, addKeys, openApi, secretOf } from "../open-api.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let api: Api;
let admin: string;
let client: string;
beforeEach(async () => {
  api = await openApi();
  await addKeys(api, 6);
  const tokenOf = async (role: string) => (await api.pool.access?.create({ name: role, role }))?.text ?? "";
  [admin, client] = [await tokenOf("admin"), await tokenOf("client")];
});
afterEach(() => api.close());

const as = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  api.send(method, path, body, { "x-api-key": token });
const get = (token = client) => as(token, "GET", "/keys/get");
const report = (number: number, code: number, token = client) =>
  as(token, "POST", "/keys/status", { key: secretOf(number), code });
const set = (name: string, value: number) =>
  as(admin, "PUT", `/config/${name}`, { config_value: String(value) });
const disabled = async () => (await api.pool.readStatistics.execute("speech")).counts.disabled;

describe("the disables of a client's token", () => {
  it("are refused beyond the budget, and do not disable, until an hour after the first", async () => {
    await set("client_disables_per_hour", 2);
    expect((await report(1, 401)).status).toBe(200);
    api.clock.advance(10 * MINUTE_MS);
    expect((await report(2, 403)).status).toBe(200);
    const refused = await report(3, 401);
    expect([refused.status, refused.json.code]).toEqual([429, "budget_exhausted"]);
    expect(refused.headers.get("retry-after")).toBe(String(50 * 60));
    expect(await disabled()).toBe(2);
    api.clock.advance(50 * MINUTE_MS);
    for (let n = 0; n < 6; n++) await get();
    expect((await report(3, 401)).status).toBe(200);
    expect((await report(4, 401)).status).toBe(429);
    expect(await disabled()).toBe(3);
  });

  it("are not spent by a report that disables nothing, nor twice by the same key", async () => {
    await set("client_disables_per_hour", 1);
    for (const code of [200, 429, 500]) expect((await report(1, code)).status).toBe(200);
    for (let n = 0; n < 3; n++) expect((await report(2, 401)).status).toBe(200);
    expect((await report(3, 429)).json.data.action).toBe("cooldown");
    expect((await report(4, 401)).status).toBe(429);
  });

  it("hold for reports that come together", async () => {
    await set("client_disables_per_hour", 2);
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => report(n, 401)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    expect(await disabled()).toBe(2);
  });

  it("are each token's own, and no other role and no open door has any", async () => {
    await set("client_disables_per_hour", 0);
    expect((await report(1, 401)).status).toBe(429);
    expect((await report(1, 401, admin)).status).toBe(200);
    expect(
      await api.pool.reportCode.execute({ service: "speech", secret: secretOf(2), code: 401 }),
    ).toMatchObject({
      action: "disable",
    });
  });
});

describe("the different keys of a client's token", () => {
  it("are refused beyond the budget, whose own keys it still gets", async () => {
    await set("client_distinct_keys_per_hour", 2);
    expect([(await get()).status, (await get()).status]).toEqual([200, 200]);
    api.clock.advance(MINUTE_MS);
    const refused = await get();
    expect([refused.status, refused.json.code]).toEqual([429, "budget_exhausted"]);
    expect(refused.headers.get("retry-after")).toBe(String(59 * 60));
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push((await get()).status);
    expect(statuses).toEqual([429, 429, 429, 200, 200, 429]);
    expect((await get(admin)).status).toBe(200);
    api.clock.advance(HOUR_MS);
    expect((await get()).status).toBe(200);
  });

  it("count no use of a key that was not handed out", async () => {
    await set("client_distinct_keys_per_hour", 1);
    for (let n = 0; n < 5; n++) await get();
    await api.pool.jobs.run("write usage");
    const { keys } = await api.pool.listKeys.execute({ service: "speech" });
    expect(keys.map(({ usageCount }) => usageCount)).toEqual([1, 0, 0, 0, 0, 0]);
  });
});

describe("reports on keys that were not handed to the token in the last hour", () => {
  it("are refused once the instance has been up for an hour, to clients alone", async () => {
    expect((await report(1, 200)).status).toBe(200);
    api.clock.advance(HOUR_MS);
    expect((await report(1, 401)).json.code).toBe("forbidden");
    expect(await disabled()).toBe(0);
    expect((await report(1, 200, admin)).status).toBe(200);
    expect((await get()).json.data.key).toBe(secretOf(1));
    expect((await report(1, 200)).status).toBe(200);
    api.clock.advance(HOUR_MS - 1);
    expect((await report(1, 200)).status).toBe(200);
    api.clock.advance(1);
    expect((await report(1, 200)).status).toBe(403);
  });
});

/** Without HTTP in between, for what takes many keys or many instances. */
async function poolOf(options: { readonly keys: number; readonly isShared?: boolean }) {
  const clock = new ManualClock();
  const events: PoolEvent[] = [];
  const ports = { ...createInMemoryPorts(clock), scheduler: JOBS_BY_HAND };
  const news = options.isShared ? { news: new InMemoryNews() } : {};
  const pool = createKeyPool({ ...ports, ...news }, { onEvent: (event) => void events.push(event) });
  await pool.start();
  const rows = Array.from({ length: options.keys }, (_, n) => ({ secret: secretOf(n), region: "eastasia" }));
  await pool.importKeys.execute({ service: "speech", parts: [rows] });
  const hand = () => pool.handOutKey.execute({ service: "speech", region: "eastasia" }, undefined, "c");
  const tell = (number: number, code: number) =>
    pool.reportCode.execute({ service: "speech", secret: secretOf(number), code }, undefined, "c");
  return { clock, pool, events, hand, tell };
}

it("reports are taken where other instances may have handed the key out", async () => {
  const { clock, tell } = await poolOf({ keys: 1, isShared: true });
  clock.advance(HOUR_MS);
  expect(await tell(0, 200)).toMatchObject({ statusChanged: false });
});

it("reports are taken on more keys than are remembered, for an hour after the first was forgotten", async () => {
  const { clock, hand, tell } = await poolOf({ keys: 1101 });
  clock.advance(HOUR_MS);
  for (let n = 0; n < 1100; n++) await hand();
  await expect(tell(1100, 200)).rejects.toMatchObject({ code: "forbidden" });
  await hand();
  expect(await tell(0, 200)).toMatchObject({ statusChanged: false });
  clock.advance(HOUR_MS);
  await expect(tell(0, 200)).rejects.toMatchObject({ code: "forbidden" });
});

it("a token that would disable more than it may is told of once an hour", async () => {
  const { clock, events, hand, tell } = await poolOf({ keys: 30 });
  const told = () => events.filter(({ kind }) => kind === "token-disables");
  for (let n = 0; n < 20; n++) await tell(n, 401);
  expect(told()).toEqual([]);
  for (const n of [20, 21]) await expect(tell(n, 401)).rejects.toMatchObject({ code: "budget_exhausted" });
  expect(told()).toEqual([{ kind: "token-disables", token: "c", disables: 20 }]);
  clock.advance(HOUR_MS);
  for (let n = 0; n < 10; n++) await hand();
  await expect(tell(20, 401)).resolves.toMatchObject({ action: "disable" });
});
