import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { z } from "zod";
import { parseText } from "./json-text.ts";
import { invalid, Refusal } from "./refusal.ts";
import type { RequestContext } from "./request-context.ts";
import { validate } from "./validate.ts";

export const BODY_LIMIT_BYTES = 100_000;
export const UPLOAD_LIMIT_BYTES = 32_000_000;

export interface BodyOptions {
  /** Default: 100 kB. */
  readonly limitBytes?: number;
  /** Throws `invalid_request` for what is not JSON. Default: `parseJson`. */
  readonly parse?: (bytes: Buffer) => unknown;
}

/** Reads a JSON body with the schema. Throws `invalid_request`, 413, 415. */
export async function readBody<S extends z.ZodType>(
  ctx: RequestContext,
  schema: S,
  options?: BodyOptions,
): Promise<z.output<S>> {
  return validate(schema, await readJson(ctx, options), "body");
}

/** The parsed body, undefined when there is none. */
export async function readJson(
  { req, state }: RequestContext,
  { limitBytes = BODY_LIMIT_BYTES, parse = parseJson }: BodyOptions = {},
): Promise<unknown> {
  const { "content-length": length, "content-type": type, "content-encoding": encoding } = req.headers;
  if (length === undefined ? req.headers["transfer-encoding"] === undefined : length === "0")
    return undefined;
  if (Number(length) > limitBytes) throw tooLarge(limitBytes);
  if (!isJson(type) || (encoding ?? "identity") !== "identity") {
    throw new Refusal("unsupported_media_type", "The body must be application/json");
  }
  const bytes = await collect(req, limitBytes);
  if (bytes.length === 0) return undefined;
  const body = await parse(bytes);
  state.body = body;
  return body;
}

export function parseJson(bytes: Buffer): unknown {
  const body = isUtf8(bytes) ? parseText(bytes.toString()) : undefined;
  if (body === undefined) throw notJson();
  return body;
}

export function notJson(): Refusal {
  return invalid({ field: "body", message: "must be valid JSON" });
}

function isJson(contentType = ""): boolean {
  if (contentType === "application/json") return true;
  const [media = "", ...parameters] = contentType.toLowerCase().split(";");
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(media.trim())) return false;
  return parameters.every((parameter) => !/^\s*charset=(?!"?utf-?8"?\s*$)/.test(parameter));
}

function tooLarge(limitBytes: number): Refusal {
  return new Refusal("payload_too_large", `The body must be at most ${limitBytes} bytes`);
}

function collect(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
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
