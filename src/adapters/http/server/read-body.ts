import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { z } from "zod";
import { hangUpOf } from "./hang-up.ts";
import { parseText } from "./json-text.ts";
import type { Places } from "./places.ts";
import { rememberQueries } from "./read-query.ts";
import { invalid, Refusal } from "./refusal.ts";
import type { RequestContext } from "./request-context.ts";
import { allowSlowBody } from "./slow-bodies.ts";
import { validate } from "./validate.ts";

export const BODY_LIMIT_BYTES = 100_000;
export const UPLOAD_LIMIT_BYTES = 32_000_000;

export interface BodyOptions {
  /** Default: 100 kB. */
  readonly limitBytes?: number;
  /** Those being read at a time; the others wait, and may take their time. Default: any number, within 10 s each. */
  readonly places?: Places;
  /** Media types that may be sent besides JSON, all of them texts. Default: none. */
  readonly texts?: readonly string[];
  /**
   * Gets the media type as well: one of `texts`, or `application/json` for all that are JSON. Throws `invalid_request`
   * for what is not of that type. Default: `parseJson`.
   */
  readonly parse?: (bytes: Buffer, media: string) => unknown;
}

/** Reads a JSON body with the schema. Throws `invalid_request`, 413, 415. */
export async function readBody<S extends z.ZodType>(
  ctx: RequestContext,
  schema: S,
  options?: BodyOptions,
): Promise<z.output<S>> {
  return validate(schema, await readJson(ctx, options), "body");
}

/** The parsed body, undefined when there is none. What was put in front of this app may have parsed it already. */
export async function readJson(ctx: RequestContext, options: BodyOptions = {}): Promise<unknown> {
  const { limitBytes = BODY_LIMIT_BYTES, places, parse = parseJson } = options;
  const media = announcedMedia(ctx.req, limitBytes, options.texts);
  if (media === undefined) return undefined;
  if (places) allowSlowBody(ctx.req);
  const leave = places && (await places.take(hangUpOf(ctx)));
  try {
    const found = bodyFoundIn(ctx);
    const bytes = found === undefined ? await collect(ctx.req, limitBytes) : bytesIn(found);
    if (bytes?.length === 0) return undefined;
    const parsed = bytes === undefined ? found : parse(bytes, media);
    const body = parsed instanceof Promise ? await parsed : parsed;
    ctx.state.body = body;
    return body;
  } finally {
    leave?.();
  }
}

/** Of which media type the body is that follows; undefined when none does. Throws 413, 415. */
function announcedMedia(
  { headers }: IncomingMessage,
  limitBytes: number,
  texts: BodyOptions["texts"] = [],
): string | undefined {
  const { "content-length": length, "content-type": type, "content-encoding": encoding } = headers;
  if (length === undefined ? headers["transfer-encoding"] === undefined : length === "0") return undefined;
  if (Number(length) > limitBytes) throw tooLarge(limitBytes);
  const media = mediaOf(type);
  const isKnown = media === JSON_MEDIA || (media !== undefined && texts.includes(media));
  if (isKnown && (encoding ?? "identity") === "identity") return media;
  throw new Refusal("unsupported_media_type", `The body must be ${[JSON_MEDIA, ...texts].join(" or ")}`);
}

export function parseJson(bytes: Buffer): unknown {
  const body = isUtf8(bytes) ? parseText(bytes.toString()) : undefined;
  if (body === undefined) throw invalid({ field: "body", message: "must be valid JSON" });
  return body;
}

const LONGEST_REMEMBERED = 200;

/** The same, and for bytes that came lately the same object. */
export function rememberBodies(): (bytes: Buffer) => unknown {
  const parsed = rememberQueries((text) => parseJson(Buffer.from(text, "latin1")));
  return (bytes) => (bytes.length > LONGEST_REMEMBERED ? parseJson(bytes) : parsed(bytes.toString("latin1")));
}

const JSON_MEDIA = "application/json";

/** The media type, in one form for all that are JSON; undefined when it is of a charset other than UTF-8. */
function mediaOf(contentType = ""): string | undefined {
  if (contentType === JSON_MEDIA) return JSON_MEDIA;
  const [sent = "", ...parameters] = contentType.toLowerCase().split(";");
  if (parameters.some((parameter) => /^\s*charset=(?!"?utf-?8"?\s*$)/.test(parameter))) return undefined;
  const media = sent.trim();
  return /^application\/(?:[\w.-]+\+)?json$/.test(media) ? JSON_MEDIA : media;
}

function tooLarge(limitBytes: number): Refusal {
  return new Refusal("payload_too_large", `The body must be at most ${limitBytes} bytes`);
}

/**
 * What a body parser ahead of this app has left on the request. An empty object beside a body that nobody has read
 * is what some leave of a type they do not know.
 */
function bodyFoundIn({ req, request }: RequestContext): unknown {
  const body = (request as { readonly body?: unknown }).body ?? (req as { readonly body?: unknown }).body;
  if (!req.readableDidRead) return isEmpty(body) ? undefined : body;
  if (body === undefined) {
    throw new Error(
      "The request's body was read before it came to the key pool's app: mount the app ahead of what reads bodies, or let that leave what it parsed in req.body",
    );
  }
  return body;
}

function isEmpty(body: unknown): boolean {
  return typeof body === "object" && body !== null && Object.keys(body).length === 0;
}

/** Of a parser that leaves texts or bytes as they came. */
function bytesIn(found: unknown): Buffer | undefined {
  if (Buffer.isBuffer(found)) return found;
  return typeof found === "string" ? Buffer.from(found) : undefined;
}

async function collect(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
  // Until the parser has returned: by then most bodies are here as a whole, and nobody has to listen for them.
  await undefined;
  if (!req.complete || req.readableLength === 0) return collectPieces(req, limitBytes);
  if (req.readableLength > limitBytes) throw tooLarge(limitBytes);
  return req.read() as Buffer;
}

function collectPieces(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limitBytes) chunks.push(chunk);
      // What else comes is read and dropped, so that the caller gets to read the answer.
      else reject(tooLarge(limitBytes));
    });
    req.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    req.on("error", reject);
  });
}
