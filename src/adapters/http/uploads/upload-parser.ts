import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { parseJson } from "../server/read-body.ts";
import { invalid, Refusal } from "../server/refusal.ts";
import { readTextRows, TextFault, type TextFormat } from "./text-rows.ts";
import { rowsOf } from "./upload-forms.ts";
import { MOST_ROWS, MOST_VALUES, TOO_MANY_ROWS } from "./upload-limits.ts";
import type { ParsedPart, Upload } from "./upload-parser-worker.ts";

// Parsing this much takes about 5 ms, less than starting a worker.
const SMALL_BYTES = 1_000_000;
// The same of a text, which the JavaScript here reads more slowly than Node reads JSON.
const SMALL_TEXT_BYTES = 200_000;

// The worker is a source file when Node strips the types, and a compiled one in the package.
const WORKER = new URL(`./upload-parser-worker${extname(import.meta.url)}`, import.meta.url);

let lastParse: Promise<void> = Promise.resolve();

/**
 * Parses an upload: a large one on a thread of its own, for 100,000 rows would hold up the hand-outs for
 * a tenth of a second, and without what no upload has. Rejects with `invalid_request`, 413, and with the
 * signal's reason when it is aborted before the turn has come.
 */
export async function parseUpload(
  bytes: Buffer,
  { signal, text }: { readonly signal?: AbortSignal | undefined; readonly text?: TextFormat } = {},
): Promise<unknown> {
  if (text && bytes.length < SMALL_TEXT_BYTES) return parseSmallText(bytes, text);
  if (!text && bytes.length < SMALL_BYTES) return parseJson(bytes);
  // One after the other, so that parsing many at once takes no more memory than parsing one.
  const parse = lastParse.then(() => {
    signal?.throwIfAborted();
    return parseApart(bytes, text);
  });
  // Only that it has ended: its result would stay in memory until the next.
  lastParse = parse.then(
    () => {},
    () => {},
  );
  return parse;
}

/** It cannot have as many rows as would be too many. */
function parseSmallText(bytes: Buffer, format: TextFormat): unknown {
  try {
    const rows = [...readTextRows(bytes, format)];
    // A part of a text keeps the whole text in memory, for as long as the key is in the pool; a copy does not.
    return { keys: structuredClone(rows) };
  } catch (error) {
    if (error instanceof TextFault) throw broken(error.message);
    throw error;
  }
}

function parseApart(bytes: Buffer, text: TextFormat | undefined): Promise<unknown> {
  const workerData: Upload = { bytes, text, mostRows: MOST_ROWS, mostValues: MOST_VALUES };
  const worker = new Worker(WORKER, { workerData });
  let body: unknown;
  let rows: unknown[] | undefined;
  const parsed = new Promise((resolve, reject) => {
    worker.on("message", (part: ParsedPart) => {
      switch (part.kind) {
        case "broken":
          return reject(broken(part.message));
        case "too-many-values":
          return reject(tooManyValues());
        case "too-many-rows":
          return reject(invalid({ field: part.field, message: TOO_MANY_ROWS }));
        case "body":
          body = part.body;
          rows = rowsOf(body);
          break;
        case "rows":
          rows?.push(...part.rows);
          break;
        case "end":
          return resolve(body);
      }
      // One part for each turn of the event loop.
      worker.postMessage("next");
    });
    worker.on("error", reject);
    worker.on("exit", () => reject(new Error("The parser ended early")));
  });
  return parsed.finally(() => worker.terminate());
}

function tooManyValues(): Refusal {
  return new Refusal("payload_too_large", `The body must hold at most ${MOST_VALUES} values`);
}

function broken(message: string): Refusal {
  return invalid({ field: "body", message });
}
