import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of the page, as it is sent. */
export interface WebFile {
  /** Its whole path, such as `/assets/index-1a2b.js`. */
  readonly path: string;
  readonly type: string;
  readonly plain: Buffer;
  readonly brotli?: Buffer;
  readonly gzip?: Buffer;
  /** Names the content, without quotes. */
  readonly tag: string;
}

export interface Dashboard {
  readonly page: WebFile;
  /** What the page loads. Their names change with their content. */
  readonly files: readonly WebFile[];
}

/** Where the build puts it: beside this file, among the sources as in the package. */
const BUILT = join(import.meta.dirname, "built");

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Azure Key Pool</title>
<h1>Azure Key Pool</h1>
<p>The server runs; its dashboard is not built. <code>npm run build:dashboard</code> builds it, then start the server again.</p>
<p>The API is documented at <a href="/api/docs">/api/docs</a>.</p>
</html>
`;

/** The page and its files, read into memory; a page that says how to build it where that has not been done. */
export function readDashboard(folder = BUILT): Dashboard {
  if (!existsSync(join(folder, "index.html")))
    return { page: fileOf("/", "html", Buffer.from(NOT_BUILT)), files: [] };
  // A glob of Node's would cost 3 MB for as long as the process runs.
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(js|css|svg)$/.test(name))
    .map((name) => name.replaceAll("\\", "/"));
  return {
    page: read(folder, "index.html", "/"),
    files: names.sort().map((name) => read(folder, name, `/${name}`)),
  };
}

function read(folder: string, name: string, path: string): WebFile {
  const content = (ending = "") => readFileSync(join(folder, name + ending));
  const ending = name.slice(name.lastIndexOf(".") + 1);
  return { ...fileOf(path, ending, content()), brotli: content(".br"), gzip: content(".gz") };
}

function fileOf(path: string, ending: string, plain: Buffer): WebFile {
  const tag = createHash("sha256").update(plain).digest("base64url").slice(0, 22);
  return { path, type: TYPES[ending] ?? "application/octet-stream", plain, tag };
}
