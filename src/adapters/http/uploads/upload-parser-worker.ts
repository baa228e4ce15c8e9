import { isUtf8 } from "node:buffer";
import { parentPort, workerData } from "node:worker_threads";
import { parseText } from "../server/json-text.ts";
import { hasMoreValues } from "./json-values.ts";

/** The body without its rows, then the rows in parts, each when it is asked for. */
export type ParsedPart =
  | { readonly kind: "broken" | "too-many-rows" | "too-many-values" | "end" }
  | { readonly kind: "body"; readonly body: unknown }
  | { readonly kind: "rows"; readonly rows: readonly unknown[] };

export interface Upload {
  readonly bytes: Uint8Array;
  readonly mostRows: number;
  readonly mostValues: number;
}

const ROWS_IN_PART = 2000;

// Longer than any field may be, so that what is cut is refused as what was sent would have been.
const LONGEST_TEXT = 300;
const MOST_OPTIONS = 50;

const parts = parse(workerData as Upload);
const sendNext = () => parentPort?.postMessage(parts.next().value);
parentPort?.on("message", sendNext);
sendNext();

function* parse({ bytes, mostRows, mostValues }: Upload): Generator<ParsedPart, ParsedPart> {
  // First of all, for a thread that runs out of memory takes the process with it.
  if (hasMoreValues(bytes, mostValues)) return { kind: "too-many-values" };
  const body = isUtf8(bytes) ? parseText(Buffer.from(bytes).toString()) : undefined;
  if (body === undefined) return { kind: "broken" };
  const text = textOf(body);
  if (text !== undefined && hasMoreValues(Buffer.from(text), mostValues)) return { kind: "too-many-values" };
  const rows = takeRows(body);
  if (rows.length > mostRows) return { kind: "too-many-rows" };
  yield { kind: "body", body: trimBody(body) };
  for (let start = 0; start < rows.length; start += ROWS_IN_PART) {
    yield { kind: "rows", rows: rows.slice(start, start + ROWS_IN_PART).map(trimRow) };
  }
  return { kind: "end" };
}

/** The file as it was sent, if it was sent as a text. */
function textOf(body: unknown): string | undefined {
  return isObject(body) && typeof body.jsonData === "string" ? body.jsonData : undefined;
}

/** Leaves an empty array where the rows were; a file that was sent as text is opened first. */
function takeRows(body: unknown): unknown[] {
  if (typeof body !== "object" || body === null) return [];
  const upload = body as { jsonData?: unknown };
  if (typeof upload.jsonData === "string") {
    const file = parseText(upload.jsonData);
    if (typeof file === "object" && file !== null) upload.jsonData = file;
  }
  const file = upload.jsonData;
  if (Array.isArray(file)) return file.splice(0);
  const rows = (file as { keys?: unknown } | null | undefined)?.keys;
  return Array.isArray(rows) ? rows.splice(0) : [];
}

/** Only what an upload may have: all else would fill the memory of the thread that serves. */
function trimBody(body: unknown): unknown {
  return pick(body, {
    type: trim,
    options: trimOptions,
    jsonData: (file) =>
      typeof file === "string"
        ? trimUnopened(file)
        : pick(file, { type: trim, keys: trim, options: trimOptions }),
  });
}

/** A text that holds no file; cut short, it could become one. */
function trimUnopened(text: string): string {
  return parseText(text) === undefined ? "" : "null";
}

function trimRow(row: unknown): unknown {
  return pick(row, { key: trim, region: trim, keyname: trim, tag: trim, status: trim });
}

function trimOptions(options: unknown): unknown {
  if (!isObject(options)) return trim(options);
  const names = Object.keys(options).slice(0, MOST_OPTIONS);
  return pick(options, Object.fromEntries(names.map((name) => [name, trim])));
}

/** A text cut, an array or object emptied. */
function trim(value: unknown): unknown {
  if (typeof value === "string") return value.slice(0, LONGEST_TEXT);
  if (Array.isArray(value)) return [];
  return isObject(value) ? {} : value;
}

function pick(value: unknown, trims: Readonly<Record<string, (field: unknown) => unknown>>): unknown {
  if (!isObject(value)) return trim(value);
  const fields = Object.entries(trims).filter(([name]) => Object.hasOwn(value, name));
  return Object.fromEntries(fields.map(([name, trimField]) => [name, trimField(value[name])]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
