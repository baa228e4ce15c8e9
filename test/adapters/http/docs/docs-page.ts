import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createHttpApp } from "../../../../src/adapters/http/index.ts";
import { type Api, addKeys, openApi, secretOf } from "../open-api.ts";

/** Far more than anything takes on a busy machine. */
const STUCK_MS = 60_000;

/** The tests of the documentation's page, in a browser that is there for them. */
export function testDocsPage(browser: Browser): void {
  describe("the documentation", async () => {
    let api: Api;
    // One for all, as is what it shows, since to load that takes half a second.
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(STUCK_MS);
    let complaints: string[];
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (message) => {
      // The browser says of each refusal that there was one; the page shows it.
      if (!message.text().startsWith("Failed to load resource")) complaints.push(message.text());
    });

    beforeEach(async () => {
      complaints = [];
      await page.emulateMedia({ colorScheme: "light" });
    });
    afterEach(() => expect(complaints).toEqual([]));

    /** An API of its own for the tests around, which leave it as another can use it. */
    const withApi = () => {
      beforeAll(async () => {
        api = await openApi();
        await addKeys(api, 1);
      });
      afterAll(async () => {
        await page.goto("about:blank");
        await api.close();
      });
    };

    const operation = (id: string) => page.locator(`details#${id}`);
    const isOpen = (id: string) => operation(id).evaluate((row) => "open" in row && row.open);
    const outcome = (id: string) => operation(id).locator(".outcome");
    const send = async (id: string) => {
      await operation(id).getByRole("button", { name: "Send" }).click();
      await operation(id).locator(".stop").waitFor({ state: "hidden" });
    };
    const curl = (id: string) => operation(id).locator(".curl").textContent();

    describe("the page of the documentation", () => {
      withApi();

      it("opens the row that a link points to, and links to the row that was opened", async () => {
        await page.goto(`${api.url}/api/docs#postKeysStatus`);
        await operation("postKeysStatus").locator("form").waitFor();
        expect([await isOpen("postKeysStatus"), await isOpen("getKeys")]).toEqual([true, false]);
        await page.evaluate('location.hash = "getAudit"');
        await operation("getAudit").locator("form").waitFor();
        await operation("getKeys").locator("summary").first().click();
        await page.waitForURL("**/api/docs#getKeys");
      });

      it("finds operations by their words", async () => {
        await page.goto(`${api.url}/api/docs`);
        await page.keyboard.press("/");
        await page.keyboard.type("report throttled");
        await page.getByText(/^2 of \d+ operations$/).waitFor();
        await operation("postKeysStatus").waitFor();
        expect(await operation("getKeys").isVisible()).toBe(false);
        expect(await page.getByRole("heading", { name: "Audit" }).isVisible()).toBe(false);
        await page.goto(`${api.url}/api/docs#getAudit`);
        await operation("getAudit").locator("form").waitFor();
      });

      it("tries an operation, with what was typed", async () => {
        await page.goto(`${api.url}/api/docs#getKeysGet`);
        await operation("getKeysGet").getByRole("textbox", { name: "region" }).fill("eastasia");
        await send("getKeysGet");
        expect(await outcome("getKeysGet").textContent()).toMatch(
          new RegExp(`^200 OK\\s*\\{[\\s\\S]*"key": "${secretOf(1)}"`),
        );
        await page.goto(`${api.url}/api/docs#postKeysStatus`);
        const body = operation("postKeysStatus").getByLabel("Body");
        await body.fill(JSON.stringify({ key: secretOf(1), code: 429, note: "it's <b>me</b>" }));
        await send("postKeysStatus");
        expect(await outcome("postKeysStatus").textContent()).toContain('"action": "cooldown"');
        expect((await api.get("/keys/logs")).json.data.logs[0].note).toBe("it's <b>me</b>");
        await page.goto(`${api.url}/api/docs#postKeysKeyEnable`);
        await send("postKeysKeyEnable");
        expect(await outcome("postKeysKeyEnable").textContent()).toContain('"status": "enabled"');
      });

      it("copies a request as a command", async () => {
        await context.grantPermissions(["clipboard-read", "clipboard-write"]);
        await page.goto(`${api.url}/api/docs#putKeysKey`);
        await operation("putKeysKey").getByRole("textbox", { name: "key" }).fill("a/b c");
        await operation("putKeysKey").getByLabel("Body").fill(`{"keyname": "it's"}`);
        await operation("putKeysKey").getByRole("button", { name: "Copy as curl" }).click();
        await operation("putKeysKey").getByText("Copied").waitFor();
        expect(await page.evaluate("navigator.clipboard.readText()")).toBe(
          [
            `curl -X PUT '${api.url}/api/keys/a%2Fb%20c'`,
            "-H 'Content-Type: application/json'",
            `-d '{"keyname": "it'\\''s"}'`,
          ].join(" \\\n  "),
        );
      });

      it("is light or dark, as the system or as was chosen", async () => {
        const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
        await page.goto(`${api.url}/api/docs`);
        const light = await paper();
        await page.emulateMedia({ colorScheme: "dark" });
        const dark = await paper();
        expect(dark).not.toBe(light);
        await page.getByLabel("Colours").selectOption("light");
        expect(await paper()).toBe(light);
        await page.reload();
        expect(await paper()).toBe(light);
      });

      it("can be read without its script", async () => {
        const plain = await browser.newContext({ javaScriptEnabled: false });
        const reading = await plain.newPage();
        await reading.goto(`${api.url}/api/docs`);
        const operation = reading.locator("details#getKeysGet");
        await operation.locator("summary").first().click();
        await operation.getByText("The key to use now").first().waitFor();
        expect(await reading.getByRole("button", { name: "Send" }).count()).toBe(0);
        await plain.close();
      });

      // The last one here, for it closes the door.
      it("sends the token that was typed, keeps it in its tab and leaves it out of commands", async () => {
        const { text: token = "" } = (await api.pool.access?.create({ name: "root", role: "admin" })) ?? {};
        await page.goto(`${api.url}/api/docs#getKeys`);
        await send("getKeys");
        expect(await outcome("getKeys").textContent()).toMatch(/^401/);
        await page.getByRole("textbox", { name: "Token" }).fill(token);
        await send("getKeys");
        expect(await outcome("getKeys").textContent()).toMatch(/^200/);
        expect(await curl("getKeys")).toBe(
          `curl -X GET '${api.url}/api/keys' \\\n  -H "Authorization: Bearer $AZURE_KEY_POOL_TOKEN"`,
        );
        await page.reload();
        expect(await page.getByRole("textbox", { name: "Token" }).inputValue()).toBe(token);
        const other = await context.newPage();
        await other.goto(`${api.url}/api/docs`);
        expect(await other.getByRole("textbox", { name: "Token" }).inputValue()).toBe("");
        await other.close();
      });
    });

    describe("mounted under a prefix", () => {
      withApi();
      let outer: Server;
      let url: string;
      beforeAll(async () => {
        const log = pino({ level: "silent" });
        const app = createHttpApp({ pool: api.pool, clock: api.clock, log, version: "1" }).callback();
        outer = createServer((req, res) => {
          const { url = "" } = req;
          if (!/^\/pool(?=[/?]|$)/.test(url)) return res.writeHead(404).end();
          // As Express does.
          Object.assign(req, { originalUrl: url });
          req.url = url.slice("/pool".length).replace(/^(?!\/)/, "/");
          return app(req, res);
        }).listen(0, "127.0.0.1");
        await once(outer, "listening");
        url = `http://127.0.0.1:${(outer.address() as AddressInfo).port}/pool`;
      });
      afterAll(() => {
        outer.closeAllConnections();
        outer.close();
      });

      it.each(["", "/"])(
        "a browser that comes to the prefix%s is sent to the page, which works",
        async (end) => {
          await page.goto(url + end);
          expect(page.url()).toBe(`${url}/api/docs`);
          await page.goto(`${url}/api/docs#getKeys`);
          await send("getKeys");
          expect(await outcome("getKeys").textContent()).toMatch(/^200/);
          expect(await curl("getKeys")).toContain(`'${url}/api/keys'`);
          await page.goto(`${url}/api/docs#getRoot`);
          await send("getRoot");
          expect(await outcome("getRoot").textContent()).toContain("Azure Key Pool");
        },
      );

      it("the document is found, and says where the API is", async () => {
        await page.goto(`${url}/api/docs`);
        const link = await page.getByRole("link", { name: "OpenAPI 3.1 document" }).getAttribute("href");
        const found = new URL(link ?? "", page.url());
        expect(found.href).toBe(`${url}/api/openapi.json`);
        const { servers, paths } = (await (await fetch(found)).json()) as {
          servers: { url: string }[];
          paths: Record<string, { get: { servers: { url: string }[] } }>;
        };
        expect(new URL(servers[0]?.url ?? "", found).href).toBe(`${url}/api/`);
        expect(new URL(paths["/"]?.get.servers[0]?.url ?? "", found).href).toBe(`${url}/`);
      });
    });
  });
}
