import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDashboard } from "../../../src/adapters/dashboard/index.ts";
import { type Api, openApi } from "../http/open-api.ts";

const FILES = {
  "index.html": "<!doctype html><title>the page</title>",
  "assets/index-1a2b.js": "console.log('the script');",
};

let folder: string;
let api: Api;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dashboard-"));
  mkdirSync(join(folder, "assets"));
  for (const [name, content] of Object.entries(FILES)) {
    writeFileSync(join(folder, name), content);
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(content));
  }
  api = await openApi(undefined, undefined, { page: readDashboard(folder) });
});
afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(api.url + path, { headers: { accept: "text/html", "accept-encoding": "identity", ...headers } });

describe("a server with a page", () => {
  it("gives it to a browser under a policy that lets nothing else in, and its links to a program", async () => {
    const answer = await get("/");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(answer.headers.get("cache-control")).toBe("no-cache");
    expect(answer.headers.get("vary")).toBe("Accept, Accept-Encoding");
    expect(await answer.text()).toBe(FILES["index.html"]);
    const program = await get("/", { accept: "*/*" });
    expect(await program.json()).toMatchObject({ success: true, data: { links: { docs: "/api/docs" } } });
  });

  it("gives its files for good, as small as the browser takes them", async () => {
    for (const [encoding, open] of [
      ["br", brotliDecompressSync],
      ["gzip", gunzipSync],
      ["identity", (bytes: Buffer) => bytes],
    ] as const) {
      const { status, headers, body } = await raw("/assets/index-1a2b.js", encoding);
      expect([encoding, status, headers["content-type"]]).toEqual([
        encoding,
        200,
        "text/javascript; charset=utf-8",
      ]);
      expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(open(body).toString()).toBe(FILES["assets/index-1a2b.js"]);
    }
  });

  it("answers 304 to who has it already", async () => {
    const { headers } = await raw("/assets/index-1a2b.js", "gzip");
    const ask = async (tag: string, encoding: string) => {
      const { status, body } = await raw("/assets/index-1a2b.js", encoding, { "if-none-match": tag });
      return [status, body.length > 0];
    };
    expect(await ask(String(headers.etag), "gzip")).toEqual([304, false]);
    expect(await ask(String(headers.etag), "br")).toEqual([200, true]);
  });

  it("gives page and files to whoever comes, and nothing beside them", async () => {
    await api.pool.access?.create({ name: "first", role: "admin" });
    for (const path of ["/", "/assets/index-1a2b.js"]) expect((await get(path)).status, path).toBe(200);
    for (const path of [
      "/assets",
      "/assets/",
      "/assets/index-1a2b.js/",
      "/assets/../index.html",
      "/index.html",
    ]) {
      expect((await get(path)).status, path).toBe(401);
    }
  });

  it("keeps its files out of the API's documentation", async () => {
    expect(JSON.stringify((await api.get("/openapi.json")).json)).not.toContain("1a2b");
  });
});

describe("a server whose page is not built", () => {
  it("says how to build it, and serves the API all the same", async () => {
    const bare = await openApi(undefined, undefined, { page: readDashboard(join(folder, "nowhere")) });
    try {
      const answer = await fetch(bare.url, { headers: { accept: "text/html" } });
      expect([answer.status, await answer.text()]).toEqual([
        200,
        expect.stringContaining("npm run build:dashboard"),
      ]);
      expect((await bare.get("/keys")).status).toBe(200);
    } finally {
      await bare.close();
    }
  });
});

async function raw(path: string, encoding: string, headers: Readonly<Record<string, string>> = {}) {
  return new Promise<{
    readonly status: number | undefined;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly body: Buffer;
  }>((resolve, reject) => {
    const asked = request(
      api.url + path,
      { headers: { "accept-encoding": encoding, ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () =>
          resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}
