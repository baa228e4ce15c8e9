import type { RequestContext } from "../server/request-context.ts";
import { type Route, route } from "../server/route.ts";

/** A file for browsers, whole in memory. */
export interface WebFile {
  /** Its whole path. */
  readonly path: string;
  readonly type: string;
  readonly plain: Buffer;
  readonly brotli?: Buffer;
  readonly gzip?: Buffer;
  /** Names the content, without quotes. */
  readonly tag: string;
}

/** A page at `/` with the files it loads, whose names must change with their content. None of them may hold a secret. */
export interface WebPage {
  readonly page: WebFile;
  readonly files: readonly WebFile[];
}

/** What it may load and ask comes from this server, and nothing of it stands inside the page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:";

/** The files of a page, for anyone; they are no part of the API. */
export function fileRoutes({ files }: WebPage): readonly Route[] {
  return files.map((file) =>
    route({
      method: "GET",
      path: file.path,
      tag: "System",
      summary: "Get a file of the page",
      description: "A script, style or picture of the page at `/`.",
      role: "anyone",
      answers: { 200: { description: "The file" } },
      failures: [],
      logged: "debug",
      handler: (ctx) => sendWebFile(ctx, file, "public, max-age=31536000, immutable"),
    }),
  );
}

export function sendPage(ctx: RequestContext, page: WebFile): void {
  ctx.set("Content-Security-Policy", POLICY);
  sendWebFile(ctx, page, "no-cache");
}

function sendWebFile(ctx: RequestContext, file: WebFile, caching: string): void {
  const [encoding, body] = encoded(ctx, file);
  ctx.vary("Accept-Encoding");
  ctx.set("Cache-Control", caching);
  ctx.status = 200;
  ctx.type = file.type;
  ctx.etag = `${file.tag}-${encoding}`;
  if (encoding !== "identity") ctx.set("Content-Encoding", encoding);
  if (ctx.fresh) ctx.status = 304;
  else ctx.body = body;
}

function encoded(ctx: RequestContext, { plain, brotli, gzip }: WebFile): readonly [string, Buffer] {
  const accepted = ctx.acceptsEncodings("br", "gzip", "identity");
  if (accepted === "br" && brotli) return ["br", brotli];
  return accepted === "gzip" && gzip ? ["gzip", gzip] : ["identity", plain];
}
