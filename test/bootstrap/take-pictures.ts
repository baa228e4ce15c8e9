// Takes the pictures of the dashboard in docs/images: `npm run pictures [folder]`. With a folder, all pages in both
// languages, light and dark.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, Route } from "playwright-core";
import { Api } from "../servers/api.ts";
import { findBrowser } from "../servers/browser.ts";
import { PoolServer } from "../servers/pool-server.ts";

const PAGES: Readonly<Record<string, string>> = {
  overview: "#/",
  keys: "#/keys",
  key: "#/keys/speech/3",
  logs: "#/logs",
  import: "#/import",
  settings: "#/settings",
  tokens: "#/tokens",
  try: "#/try",
};

const DOCUMENTED = [
  { page: "overview", language: "en", scheme: "light" },
  { page: "keys", language: "en", scheme: "light" },
  { page: "overview", language: "zh", scheme: "dark" },
  { page: "keys", language: "zh", scheme: "dark" },
] as const;

/** A pool as a team may have it, in which something has happened. */
async function fill(api: Api): Promise<void> {
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
  await report(3, 429, "quota of this minute is spent");
  for (const n of [16, 24, 25, 26, 27, 5]) await report(n, 429);
  await report(23, 429);
  await report(8, 401, "Access denied due to invalid subscription key");
  await report(19, 403, "Out of call volume quota");
  await report(30, 429, undefined, "/translation/keys");
  for (let n = 0; n < 9; n++) await report(1 + n, 500);
  await api.post("/keys/12/disable");
  await api.set("cooldown_seconds", 600);
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

export async function takePictures(
  browser: Browser,
  url: string,
  folder: string,
  all: boolean,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const shots = all
    ? Object.keys(PAGES).flatMap((page) =>
        (["en", "zh"] as const).flatMap((language) =>
          (["light", "dark"] as const).map((scheme) => ({ page, language, scheme })),
        ),
      )
    : DOCUMENTED;
  for (const { page: name, language, scheme } of shots) {
    const context = await browser.newContext({
      viewport: { width: 1180, height: 760 },
      colorScheme: scheme,
      locale: language === "zh" ? "zh-CN" : "en-GB",
    });
    const page = await context.newPage();
    await page.route(/\/logs\?from=/, spreadOut);
    await page.goto(`${url}/${PAGES[name]}`);
    await page.waitForLoadState("load");
    await page.locator("h1").waitFor();
    await page.waitForFunction("document.querySelectorAll('main .muted').length > 0");
    await page.waitForTimeout(700);
    await page.screenshot({ path: join(folder, `${name}-${language}-${scheme}.png`) });
    await context.close();
  }
}

const scratch = mkdtempSync(join(tmpdir(), "key-pool-pictures-"));
const found = await findBrowser();
if ("missing" in found) throw new Error(found.missing);
const server = await PoolServer.start({ env: { DATABASE_URL: `sqlite:${join(scratch, "keys.db")}` } });
try {
  await fill(new Api(server));
  const [target] = process.argv.slice(2);
  const folder = target ?? resolve(import.meta.dirname, "../../docs/images");
  await takePictures(found.server, server.url, folder, target !== undefined);
} finally {
  await found.server.close();
  await server.stop();
  rmSync(scratch, { recursive: true });
}
