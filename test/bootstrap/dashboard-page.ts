import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { Api } from "../servers/api.ts";
import { isLongRun } from "../situations/long-run.ts";
import { scratchFolder, secretOf, serveHere } from "./servers.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { buildDashboard } = (await import(
  pathToFileURL(join(ROOT, "src/adapters/dashboard/build.mjs")).href
)) as { readonly buildDashboard: () => Promise<void> };

/** With few rows: looking at each of them costs the most. */
const PAGES = [
  "",
  "keys?q=imported+98",
  "keys/speech/1",
  "logs?key_id=1",
  "audit?act=update_settings",
  "import",
  "settings",
  "tokens",
  "try",
];
/** Far more than anything takes on a busy machine. */
const STUCK_MS = 60_000;

/** The dashboard's tests, in a browser that is there for them. */
export async function testDashboard(browser: Browser): Promise<void> {
  await buildDashboard();
  const file = join(scratchFolder(afterAll), "keys.db");
  const { server, api } = await serveHere({ DATABASE_URL: `sqlite:${file}` }, afterAll);
  const context = await browser.newContext({ locale: "en-GB", colorScheme: "light" });
  const page = await context.newPage();
  page.setDefaultTimeout(STUCK_MS);
  let admin: Api;
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    // The browser says of each refusal that there was one; the page shows it.
    if (!message.text().startsWith("Failed to load resource")) complaints.push(message.text());
  });

  const button = (name: string | RegExp) =>
    page.getByRole("button", { name, exact: typeof name === "string" });
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });
  const go = async (path: string) => {
    await page.goto(`${server.url}/#/${path}`);
    await page.locator("h1").waitFor();
  };

  describe("the dashboard", () => {
    test("opens without a token, and adds a key that shows up at once, and changes it", async () => {
      await page.goto(server.url);
      await page.getByRole("link", { name: "Keys", exact: true }).click();
      await button("Add key").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Subscription key").fill(secretOf("first"));
      await dialog.getByLabel(/^Name/).fill("<b>First</b>");
      await dialog.getByLabel(/^Leases at a time/).fill("20");
      await dialog.getByRole("button", { name: "Add key" }).click();
      await row("<b>First</b>").getByText("Usable").waitFor();
      await button("Edit <b>First</b>").click();
      expect(await dialog.getByLabel(/^Leases at a time/).inputValue()).toBe("20");
      await dialog.getByLabel(/^Leases at a time/).fill("30");
      await dialog.getByRole("button", { name: "Save" }).click();
      await dialog.waitFor({ state: "detached" });
      expect(await page.content()).not.toContain(secretOf("first"));
    });

    test("says in the dialog why a key is refused, and keeps what was typed", async () => {
      await button("Add key").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Subscription key").fill(secretOf("first"));
      await dialog.getByRole("button", { name: "Add key" }).click();
      await dialog.getByRole("alert").getByText("Key already exists").waitFor();
      expect(await dialog.getByLabel("Subscription key").inputValue()).toBe(secretOf("first"));
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    });

    test("makes the first token, signs itself in with it, and shows it this once", async () => {
      await go("tokens");
      await button("Create token").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Name").fill("operations");
      await dialog.getByRole("button", { name: "Create token" }).click();
      await dialog.getByText("This tab is signed in with it").waitFor();
      const token = (await dialog.locator("code").textContent()) ?? "";
      expect(token).toMatch(/^akp_/);
      admin = new Api(server, token);
      await dialog.getByRole("button", { name: "Close" }).click();
      await row("operations").waitFor();
      expect(await page.content()).not.toContain(token);
      expect((await api.get("/keys")).status).toBe(401);
    });

    test("asks for a token, refuses a bad one, and takes a good one for this tab only", async () => {
      const other = await admin.post("/tokens", { name: "watcher", role: "viewer" });
      await button("Sign out").click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      expect(await faultsOf(page, {})).toEqual([]);
      await page.getByLabel("Token").fill("akp_nonsense");
      await button("Sign in").click();
      await page.getByText("look for a typo").waitFor();
      await page.getByLabel("Token").fill(other.body.data.token);
      await button("Sign in").click();
      await page.getByText("watcher · viewer").waitFor();
      expect(await page.evaluate("document.cookie + JSON.stringify(localStorage)")).not.toContain("akp_");
    });

    test("shows a viewer what he may not do, and why", async () => {
      await go("keys");
      expect(await button("Add key").isDisabled()).toBe(true);
      expect(await button("Add key").getAttribute("title")).toContain("operator");
      expect(await page.getByRole("link", { name: "Tokens" }).count()).toBe(0);
      await go("tokens");
      await page.getByText("Needs the role admin").waitFor();
    });

    test("is locked out as soon as its token is revoked", async () => {
      const { body } = await admin.get("/tokens");
      const watcher = body.data.find(({ name }: { name: string }) => name === "watcher");
      await admin.delete(`/tokens/${watcher.id}`);
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
    });

    test("imports 1,000 keys and says what became of each row", async () => {
      const made = await admin.post("/tokens", { name: "tester", role: "admin" });
      await page.getByLabel("Token").fill(made.body.data.token);
      await button("Sign in").click();
      await page.getByText("tester · admin").waitFor();
      await go("import");
      const lines = Array.from({ length: 1000 }, (_, n) => `${secretOf(n)},eastus,Imported ${n},batch`);
      const content = ["key,region,keyname,tag", ...lines, lines[0]].join("\n");
      await page.getByLabel("choose one").setInputFiles({
        ...{ name: "keys.csv", mimeType: "text/csv" },
        buffer: Buffer.from(content),
      });
      await page.getByText("1,001 rows read").waitFor();
      await button("Check").click();
      await page.getByText("1 problem").first().waitFor();
      await page.getByLabel("Create nothing if any row has a problem").uncheck();
      const wasShown = await watchFor(page, "progress");
      await button("Import 1,001 keys").click();
      await page.getByText("1,000", { exact: true }).waitFor();
      expect(await wasShown()).toBe(true);
      await page.getByRole("row").filter({ hasText: "1001" }).getByText("Failed").waitFor();
    });

    test("finds, sorts and pages among them, on the server", async () => {
      await go("keys");
      await page.getByText("1–50 of 1,001").waitFor();
      await page.getByLabel("Search").fill("imported 99");
      await page.getByText("1–11 of 11").waitFor();
      await page.getByRole("columnheader", { name: "Name" }).getByRole("button").click();
      await page.getByRole("columnheader", { name: "Name" }).getByRole("button").click();
      await page
        .getByRole("columnheader", { name: "Name" })
        .and(page.locator("[aria-sort=descending]"))
        .waitFor();
      await page.getByRole("row").nth(1).getByText("Imported 999").waitFor();
      await page.getByLabel("Search").fill("0123456789abcdef0123456789abcdef");
      await page.getByText("That looks like a key").waitFor();
      expect(page.url()).not.toContain("0123456789abcdef");
    });

    test("does one thing to many keys, and asks before it deletes", async () => {
      await go("keys?q=Imported+99");
      await page.getByText("1–11 of 11").waitFor();
      await page.getByLabel("Select all on this page").check();
      await page.locator(".bulk").getByRole("button", { name: "Disable" }).click();
      await page.getByText("11 keys disabled").waitFor();
      await row("Imported 991").getByText("by a person").waitFor();
      await page.locator(".bulk").getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
      await page.locator(".bulk").getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete 11 keys" }).click();
      await page.getByText("No key matches").waitFor();
    });

    test("changes a setting, and refuses what cannot be one", async () => {
      await go("settings");
      const cooldown = page.getByLabel("Cooldown", { exact: true });
      await cooldown.fill("never");
      expect(await button("Save").isDisabled()).toBe(true);
      await cooldown.fill("1.5");
      await button("Save").click();
      await page.getByText("Cooldown is in force").waitFor();
      await page.getByText("Changed", { exact: true }).waitFor();
      const { body } = await admin.get("/config/cooldown_seconds");
      expect(body.data.config_value).toBe("1.5");
      const row = page.locator(".setting").filter({ has: cooldown });
      await row.getByRole("button", { name: "Back to default" }).click();
      await page.getByText("Changed", { exact: true }).waitFor({ state: "detached" });
      expect(await cooldown.inputValue()).not.toBe("1.5");
      await cooldown.fill("1.5");
      await button("Save").click();
      await page.getByText("Changed", { exact: true }).waitFor();
      // Beyond the end of this test, so that what is seen there is one change and not two.
      await admin.set("protection_period_seconds", 600);
    });

    test("shows how a key rests and comes back, without being asked again", async () => {
      await go("keys/speech/1");
      await page.getByText("Is in its pool and handed out in turn").waitFor();
      await page.locator(".facts div").filter({ hasText: "Leases at a time" }).getByText("30").waitFor();
      await admin.report(secretOf("first"), 429, "slow down");
      await page.getByText("It is back in its pool by itself at").waitFor();
      await page.locator(".quote").getByText("slow down").waitFor();
      await page.getByText("Is handed out; cooldown codes are ignored until").waitFor();
    });

    test("charts a reported 429 at its key, as it happens, and by region", async () => {
      await go("");
      await page
        .getByRole("region", { name: "429 and 401 by region" })
        .getByRole("img", { name: "Speech · eastasia: 1 × 429 or 401" })
        .locator("rect.throttled")
        .waitFor();
      await go("keys/speech/1");
      const usage = page.getByRole("region", { name: "Usage over time" });
      await usage.locator("rect.throttled").waitFor();
      expect(await usage.locator("rect.ok").count()).toBe(0);
      await admin.report(secretOf("first"), 200);
      await usage.locator("rect.ok").waitFor();
    });

    test("shows a key that a code disabled, why, and on the overview that it needs a person", async () => {
      await admin.report(secretOf("first"), 401, "access denied");
      await page.getByText("A report of code 401 took it out of its pool").waitFor();
      await go("");
      const disabled = await admin.post("/translation/keys", { key: secretOf("other"), region: "global" });
      await admin.post(`/translation/keys/${disabled.body.data.id}/disable`);
      await page.getByRole("link", { name: "1 more disabled key of Translator" }).click();
      await row("global").getByText("by a person").waitFor();
      await go("");
      await page.getByRole("link", { name: "<b>First</b> was disabled" }).click();
      await button("Enable").click();
      await page.getByText("Is handed out; cooldown codes are ignored until").waitFor();
    });

    test("asks every few seconds where the stream of events does not come through", async () => {
      await page.route("**/api/events", (route) => route.fulfill({ status: 404 }));
      await go("keys/speech/1");
      await page.reload();
      await page.getByText("Every 3 s").waitFor();
      await admin.put("/keys/1", { tag: "meanwhile" });
      await page.locator(".tag").getByText("meanwhile").waitFor();
      await page.unroute("**/api/events");
    });

    test("tries what a client does, and says what the rules did", async () => {
      await go("try");
      await button("Ask for a key").click();
      await button("200").click();
      await page.getByText("The key works: it stays as it is").waitFor();
      await button("429").click();
      await page.getByText("the key is just back from a cooldown, and protected").waitFor();
      expect(await page.content()).not.toContain(secretOf("first"));
    });

    test("shows in the audit who did what, before and after, as soon as it is done", async () => {
      await go("audit?act=update_key");
      await admin.put("/keys/1", { tag: "audited" });
      const act = row("audited");
      await act.getByText("Change key").waitFor();
      for (const text of ["operations", "Speech key 1", "meanwhile → audited"]) {
        expect(await act.textContent()).toContain(text);
      }
      const link = page.getByRole("link", { name: "Audit" });
      await page.route("**/api/audit?*", (route) => route.fulfill({ status: 404 }));
      await page.reload();
      await page.getByRole("heading", { name: "There is no such page for you" }).waitFor();
      expect(await link.count()).toBe(0);
      await page.unroute("**/api/audit?*");
      await page.reload();
      await link.waitFor();
    });

    test("revokes a token once that was confirmed", async () => {
      await go("tokens");
      await button("Revoke operations").click();
      await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
      await page.getByText("operations was revoked").waitFor();
      await row("operations").waitFor({ state: "detached" });
    });

    test("reaches everything by keyboard, shows where the focus is, and keeps it in a dialog", async () => {
      await go("keys");
      await page.reload();
      await row("<b>First</b>").waitFor();
      await page.keyboard.press("Tab");
      expect(await focused(page)).toMatchObject({ text: "Skip to content", isSeen: true });
      const texts = new Set<string>();
      for (let n = 0; n < 40; n++) {
        await page.keyboard.press("Tab");
        const { text, isSeen } = await focused(page);
        expect(isSeen, text).toBe(true);
        texts.add(text);
      }
      for (const name of [
        "Overview",
        "Tokens",
        "Add key",
        "Speech",
        "Name",
        "<b>First</b>",
        "Disable",
        "Edit",
      ]) {
        expect(texts).toContain(name);
      }
      await button("Add key").focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      expect(await faultsOf(page, {})).toEqual([]);
      for (let n = 0; n < 20; n++) {
        await page.keyboard.press("Tab");
        // Between its last control and its first one, a browser's own controls have the focus.
        const inside =
          "document.activeElement === document.body || !!document.activeElement.closest('dialog')";
        expect(await page.evaluate(inside)).toBe(true);
      }
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      expect(await focused(page)).toMatchObject({ text: "Add key" });
    });

    test("has no page that axe finds fault with, light or dark, or that is wider than a phone", async () => {
      for (const [index, path] of PAGES.entries()) {
        await go(path);
        await page.locator("main .card, main .drop").first().waitFor();
        // The dark colours have the same names on every page, so a few pages stand for all in a short run.
        const schemes = isLongRun || index < 4 ? (["light", "dark"] as const) : (["light"] as const);
        for (const colorScheme of schemes) {
          await page.emulateMedia({ colorScheme });
          expect(
            await faultsOf(page, colorScheme === "dark" ? COLOURS : {}),
            `#/${path} ${colorScheme}`,
          ).toEqual([]);
        }
        await page.emulateMedia({ colorScheme: "light" });
        for (const width of [360, 800, 1120, 1280]) {
          await page.setViewportSize({ width, height: 800 });
          expect(await page.evaluate(TOO_WIDE), `#/${path} at ${width}`).toBeLessThanOrEqual(0);
        }
      }
    });

    test("speaks the language that is chosen, also the next time", async () => {
      await go("");
      await page.getByLabel("Language").selectOption("zh");
      await page.getByRole("heading", { name: "总览" }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "总览" }).waitFor();
      expect(await page.evaluate("document.documentElement.lang")).toBe("zh-CN");
    });

    test("went through all of this without an error in the console", () => {
      expect(complaints).toEqual([]);
    });
  });
}

interface Focus {
  readonly text: string;
  /** Whether it has an outline, and is on the screen. */
  readonly isSeen: boolean;
}

function focused(page: Page): Promise<Focus> {
  return page.evaluate(`(() => {
    const at = document.activeElement;
    const style = getComputedStyle(at);
    const { width, height } = at.getBoundingClientRect();
    return {
      text: at.textContent.trim() || at.getAttribute("aria-label") || at.tagName,
      isSeen: style.outlineStyle !== "none" && width > 0 && height > 0,
    };
  })()`);
}

/** Notes from now on whether something of this selector has been shown, however short. */
async function watchFor(page: Page, selector: string): Promise<() => Promise<boolean>> {
  await page.evaluate(`(() => {
    globalThis.wasShown = false;
    new MutationObserver(() => {
      globalThis.wasShown ||= document.querySelector("${selector}") !== null;
    }).observe(document.body, { childList: true, subtree: true });
  })()`);
  return () => page.evaluate("globalThis.wasShown");
}

/** By how much the page, or anything that would scroll sideways in it, is wider than it is shown. */
const TOO_WIDE = `Math.max(
  ...Array.from(document.querySelectorAll("html, .card"), (one) => one.scrollWidth - one.clientWidth),
)`;

/** All that differs between light and dark. */
const COLOURS = { runOnly: ["color-contrast"] };

async function faultsOf(page: Page, options: object): Promise<readonly string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(AXE);
  const { violations } = (await page.evaluate(
    `axe.run(${JSON.stringify({ resultTypes: ["violations"], ...options })})`,
  )) as {
    readonly violations: readonly {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string }[];
    }[];
  };
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html)
          .join(" ")
          .slice(0, 300)}`,
    );
}
