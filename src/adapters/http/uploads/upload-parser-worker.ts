import { isUtf8 } from "node:buffer";
import { parentPort, workerData } from "node:worker_threads";
import { parseText } from "../server/json-text.ts";
import { hasMoreValues } from "./json-values.ts";
import { readTextRows, TextFault, type TextFormat } from "./text-rows.ts";
import { isFile, isObject, type RowsField, rowsFieldOf, rowsOf } from "./upload-forms.ts";

/** The body without its rows, then the rows in parts, each when it is asked for. */
export type ParsedPart =
  | { readonly kind: "too-many-values" | "end" }
  /** `message` is what the body must be. */
  | { readonly kind: "broken"; readonly message: string }
  | { readonly kind: "too-many-rows"; readonly field: RowsField }
  | { readonly kind: "body"; readonly body: unknown }
  | { readonly kind: "rows"; readonly rows: readonly unknown[] };

export interface Upload {
  readonly bytes: Uint8Array;
  /** Absent for JSON. */
  readonly text: TextFormat | undefined;
  readonly mostRows: number;
  readonly mostValues: number;
}

const ROWS_IN_PART = 2000;

// Longer than any field may be, so that what is cut is refused as what was sent would have been.
const LONGEST_TEXT = 300;
const MOST_OPTIONS = 50;

const upload = workerData as Upload;
const parts = upload.text ? parseRows(upload, upload.text) : parse(upload);
const sendNext = () => parentPort?.postMessage(parts.next().value);
parentPort?.on("message", sendNext);
sendNext();

function* parse({ bytes, mostRows, mostValues }: Upload): Generator<ParsedPart, ParsedPart> {
  // First of all, for a thread that runs out of memory takes the process with it.
  if (hasMoreValues(bytes, mostValues)) return { kind: "too-many-values" };
  const body = isUtf8(bytes) ? parseText(Buffer.from(bytes).toString()) : undefined;
  if (body === undefined) return { kind: "broken", message: "must be valid JSON" };
  const text = textOf(body);
  if (text !== undefined && hasMoreValues(Buffer.from(text), mostValues)) return { kind: "too-many-values" };
  const rows = takeRows(body);
  if (rows.length > mostRows) return { kind: "too-many-rows", field: rowsFieldOf(body) };
  yield { kind: "body", body: trimBody(body) };
  for (let start = 0; start < rows.length; start += ROWS_IN_PART) {
    yield { kind: "rows", rows: rows.slice(start, start + ROWS_IN_PART).map(trimRow) };
  }
  return { kind: "end" };
}

function* parseRows({ bytes, mostRows }: Upload, format: TextFormat): Generator<ParsedPart, ParsedPart> {
  yield { kind: "body", body: { keys: [] } };
  let count = 0;
  let rows: unknown[] = [];
  try {
    for (const row of readTextRows(bytes, format)) {
      if (++count > mostRows) return { kind: "too-many-rows", field: "keys" };
      rows.push(trimRow(row));
      if (rows.length < ROWS_IN_PART) continue;
      yield { kind: "rows", rows };
      rows = [];
    }
  } catch (error) {
    if (error instanceof TextFault) return { kind: "broken", message: error.message };
    throw error;
  }
  yield { kind: "rows", rows };
  return { kind: "end" };
}

/** The file as it was sent, if it was sent as a text. */
function textOf(body: unknown): string | undefined {
  return isObject(body) && typeof body.jsonData === "string" ? body.jsonData : undefined;
}

/** Leaves an empty array where the rows were; a file that was sent as text is opened first. */
function takeRows(body: unknown): unknown[] {
  const text = textOf(body);
  const file = text === undefined ? undefined : parseText(text);
  if (typeof file === "object" && file !== null) (body as { jsonData?: unknown }).jsonData = file;
  return rowsOf(body)?.splice(0) ?? [];
}

/** Only what an upload may have: all else would fill the memory of the thread that serves. */
function trimBody(body: unknown): unknown {
  if (isFile(body)) return trimFile(body);
  return pick(body, {
    type: trim,
    options: trimOptions,
    jsonData: (file) => (typeof file === "string" ? trimUnopened(file) : trimFile(file)),
  });
}

function trimFile(file: unknown): unknown {
  return pick(file, { type: trim, keys: trim, options: trimOptions });
}

/** A text that holds no file; cut short, it could become one. */
function trimUnopened(text: string): string {
  return parseText(text) === undefined ? "" : "null";
}

function trimRow(row: unknown): unknown {
  return pick(row, {
    ...{ key: trim, region: trim, keyname: trim, tag: trim },
    ...{ max_in_flight: trim, status: trim },
  });
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
