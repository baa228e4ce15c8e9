// Takes the pictures of the dashboard in docs/pictures, every page in both languages, light and dark:
// `npm run pictures [folder] [page]`.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, Page, Route } from "playwright-core";
import { en } from "../../src/adapters/dashboard/page/text/en.ts";
import { zh } from "../../src/adapters/dashboard/page/text/zh.ts";
import { Api } from "../servers/api.ts";
import { findBrowser } from "../servers/browser.ts";
import { PoolServer } from "../servers/pool-server.ts";

const TEXTS = { en, "zh-CN": zh };
const SCHEMES = ["light", "dark"] as const;
const WIDTH = 1180;
/** Large enough to read, small enough for a repository. */
const QUALITY = 78;

interface Shot {
  readonly path: string;
  /** As high as what there is to see. Default: 760. */
  readonly height?: number;
  /** Something that the page shows once it is there. */
  readonly shows: string;
  readonly act?: (page: Page, text: typeof en) => Promise<void>;
}

const ROWS = [
  "key,region,keyname,tag",
  "new1-not-a-real-key-of-azure,eastasia,Team Cedar 1,",
  "new2-not-a-real-key-of-azure,eastasia,Team Cedar 2,batch",
  "aa01-not-a-real-key-of-azure,eastasia,Team Birch 1,",
  "new3-not-a-real-key-of-azure,east asia,Team Cedar 3,",
];

const SHOTS: Readonly<Record<string, Shot>> = {
  overview: { path: "#/", shows: ".multiples rect", height: 1120 },
  keys: { path: "#/keys", shows: "td.amount" },
  key: { path: "#/keys/speech/3", shows: ".bar-chart rect, svg rect.ok", height: 900 },
  logs: { path: "#/logs", shows: "tbody tr" },
  audit: { path: "#/audit", shows: "tbody tr" },
  import: {
    path: "#/import",
    shows: "fieldset",
    act: async (page, text) => {
      const buffer = Buffer.from(ROWS.join("\n"));
      await page
        .locator("input[type=file]")
        .setInputFiles({ name: "keys.csv", mimeType: "text/csv", buffer });
      await page.getByRole("button", { name: text.import.check, exact: true }).click();
      await page.locator(".notice.bad").waitFor();
    },
  },
  settings: { path: "#/settings", shows: "input", height: 1000 },
  tokens: { path: "#/tokens", shows: "tbody tr" },
  try: {
    path: "#/try",
    shows: "form",
    act: async (page, text) => {
      await page.getByRole("button", { name: text.try.ask, exact: true }).click();
      await page.getByRole("button", { name: "200", exact: true }).click();
      await page.getByRole("region", { name: text.try.said }).waitFor();
    },
  },
};

/** A pool as a team may have it, in which something has happened. Answers an admin's token. */
async function fill(open: Api, server: { readonly url: string }): Promise<string> {
  const create = async (api: Api, body: object): Promise<string> =>
    (await api.post("/tokens", body)).body.data.token;
  const token = await create(open, { name: "Lin Wei", role: "admin" });
  const api = new Api(server, token);
  await create(api, { name: "speech gateway", role: "client", scope: { services: ["speech"] } });
  await create(api, { name: "batch jobs", role: "client", scope: { regions: ["eastus"], tags: ["batch"] } });
  const operator = new Api(server, await create(api, { name: "night shift", role: "operator" }));
  await create(api, { name: "prometheus", role: "viewer" });
  const key = (n: number) => `${n.toString(16).padStart(4, "a")}-not-a-real-key-of-azure`;
  const pools = [
    ["/keys", "eastasia", 14],
    ["/keys", "eastus", 8],
    ["/keys", "westeurope", 5],
    ["/translation/keys", "global", 6],
  ] as const;
  let number = 0;
  for (const [path, region, count] of pools) {
    for (let n = 1; n <= count; n++) {
      const keyname = `${["Team Aurora", "Team Birch", "Batch"][n % 3]} ${n}`;
      const tag = n % 3 === 2 ? "batch" : undefined;
      await api.post(path, { key: key(++number), region, keyname, tag });
    }
  }
  const report = (n: number, code: number, note?: string, path = "/keys") =>
    api.post(`${path}/status`, { key: key(n), code, note });
  for (let n = 0; n < 60; n++) await report(1 + (n % 26), 200);
  for (let n = 0; n < 30; n++)
    await api.get(`/keys/get?region=${["eastasia", "eastus", "westeurope"][n % 3]}`);
  for (let n = 0; n < 12; n++) await report(3, 200);
  await report(3, 429, "quota of this minute is spent");
  for (const n of [16, 24, 25, 26, 27, 5]) await report(n, 429);
  await report(23, 429);
  await report(8, 401, "Access denied due to invalid subscription key");
  await report(19, 403, "Out of call volume quota");
  await report(30, 429, undefined, "/translation/keys");
  for (let n = 0; n < 9; n++) await report(1 + n, 500);
  await operator.post("/keys/12/disable");
  await operator.put("/keys/14", { keyname: "Team Aurora, spare" });
  await api.post("/keys/2/reveal", { reason: "the vault lost it" });
  await api.set("cooldown_seconds", 600);
  return token;
}

/** All reports were made a moment ago; a chart of a quarter of an hour has more to show. */
async function spreadOut(route: Route): Promise<void> {
  const answer = await route.fetch();
  const body = (await answer.json()) as { readonly data: { readonly logs: { created_at: string }[] } };
  for (const [index, row] of body.data.logs.entries()) {
    const minutes = Math.floor((((index * 0.618) % 1) + ((index * index * 0.13) % 1)) * 7.5);
    row.created_at = new Date(Date.parse(row.created_at) - minutes * 60_000).toISOString();
  }
  await route.fulfill({ response: answer, json: body });
}

type Counted = Record<string, number> & { at: string };

/** The same for the charts of a day: each hour's share of what was reported in this one. */
async function spreadOverHours(route: Route): Promise<void> {
  const answer = await route.fetch();
  const body = (await answer.json()) as { data: { counts: Counted[] } };
  body.data.counts = body.data.counts.flatMap((counted, line) =>
    Array.from({ length: 22 }, (_, hoursAgo) => {
      const share = ((hoursAgo + 2) * (line + 3) * 0.618) % 1;
      const of = ([name, value]: [string, unknown]) =>
        [name, typeof value === "number" ? Math.round(value * share) : value] as const;
      const at = new Date(Date.parse(counted.at) - hoursAgo * 3_600_000).toISOString();
      return { ...Object.fromEntries(Object.entries(counted).map(of)), at } as Counted;
    }),
  );
  await route.fulfill({ response: answer, json: body });
}

async function takePicture(
  browser: Browser,
  { url, token }: { readonly url: string; readonly token: string },
  { path, height = 760, shows, act }: Shot,
  language: keyof typeof TEXTS,
  scheme: (typeof SCHEMES)[number],
): Promise<Buffer> {
  const locale = language === "en" ? "en-GB" : language;
  const viewport = { width: WIDTH, height };
  const context = await browser.newContext({ viewport, colorScheme: scheme, locale });
  await context.addInitScript({
    content: `sessionStorage.setItem("azure-key-pool.token", ${JSON.stringify(token)})`,
  });
  const page = await context.newPage();
  await page.route(/\/logs\?from=/, spreadOut);
  await page.route(/\/reports\/history/, spreadOverHours);
  await page.goto(`${url}/${path}`);
  await page.locator("h1").waitFor();
  await page.locator(shows).first().waitFor();
  await act?.(page, TEXTS[language] as typeof en);
  // What else the page asks for, and its fonts.
  await page.waitForTimeout(700);
  const devTools = await context.newCDPSession(page);
  const { data } = await devTools.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
  await context.close();
  return Buffer.from(data, "base64");
}

const scratch = mkdtempSync(join(tmpdir(), "key-pool-pictures-"));
const found = await findBrowser();
if ("missing" in found) throw new Error(found.missing);
const server = await PoolServer.start({ env: { DATABASE_URL: `sqlite:${join(scratch, "keys.db")}` } });
try {
  const [folder = resolve(import.meta.dirname, "../../docs/pictures"), only] = process.argv.slice(2);
  mkdirSync(folder, { recursive: true });
  const token = await fill(new Api(server), server);
  for (const [name, shot] of Object.entries(SHOTS)) {
    if (only !== undefined && only !== name) continue;
    for (const language of Object.keys(TEXTS) as (keyof typeof TEXTS)[]) {
      for (const scheme of SCHEMES) {
        const picture = await takePicture(found.server, { url: server.url, token }, shot, language, scheme);
        writeFileSync(join(folder, `${name}-${language}-${scheme}.webp`), picture);
      }
    }
  }
} finally {
  await found.server.close();
  await server.stop();
  rmSync(scratch, { recursive: true });
}
