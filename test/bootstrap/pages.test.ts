import { afterAll, describe, test } from "vitest";
import { testDocsPage } from "../adapters/http/docs/docs-page.ts";
import { findBrowser } from "../servers/browser.ts";
import { testDashboard } from "./dashboard-page.ts";

// One browser for all pages, since its start takes as long as the tests of a page.
const browser = await findBrowser();

if ("missing" in browser) {
  describe.skip(`the pages (${browser.missing})`, () => test("need a browser", () => {}));
} else {
  testDocsPage(browser.server);
  await testDashboard(browser.server);
  afterAll(() => browser.server.close());
}
