import { isUtf8 } from "node:buffer";
import { parentPort, workerData } from "node:worker_threads";

/** The body without its rows, then the rows in parts, each when it is asked for. */
export type ParsedPart =
  | { readonly kind: "broken" | "end" }
  | { readonly kind: "body"; readonly body: unknown }
  | { readonly kind: "rows"; readonly rows: readonly unknown[] };

const ROWS_IN_PART = 2000;

const parts = parse(workerData as Uint8Array);
const sendNext = () => {
  const part = parts.next().value;
  try {
    parentPort?.postMessage(part);
  } catch {
    // What is nested too deep to be sent is no file of keys.
    parentPort?.postMessage({ kind: "broken" });
  }
};
parentPort?.on("message", sendNext);
sendNext();

function* parse(bytes: Uint8Array): Generator<ParsedPart, ParsedPart> {
  const body = isUtf8(bytes) ? parsed(Buffer.from(bytes).toString()) : undefined;
  if (body === undefined) return { kind: "broken" };
  const rows = takeRows(body);
  yield { kind: "body", body };
  for (let start = 0; start < rows.length; start += ROWS_IN_PART) {
    yield { kind: "rows", rows: rows.slice(start, start + ROWS_IN_PART) };
  }
  return { kind: "end" };
}

/** Leaves an empty array where the rows were; a file that was sent as text is opened first. */
function takeRows(body: unknown): unknown[] {
  if (typeof body !== "object" || body === null) return [];
  const upload = body as { jsonData?: unknown };
  if (typeof upload.jsonData === "string") {
    const file = parsed(upload.jsonData);
    if (typeof file === "object" && file !== null) upload.jsonData = file;
  }
  const file = upload.jsonData;
  if (Array.isArray(file)) return file.splice(0);
  const rows = (file as { keys?: unknown } | null | undefined)?.keys;
  return Array.isArray(rows) ? rows.splice(0) : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which holds secrets.
    return undefined;
  }
}
