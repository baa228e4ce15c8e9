import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { notJson, parseJson } from "./read-body.ts";
import type { ParsedPart } from "./upload-parser-worker.ts";

// Parsing this much takes about 5 ms, less than starting a worker.
const SMALL_BYTES = 1_000_000;

// The worker is a source file when Node strips the types, and a compiled one in the package.
const WORKER = new URL(`./upload-parser-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Parses an upload: a large one on a thread of its own, for 100,000 rows would hold up the hand-outs for
 * a tenth of a second. Rejects with `invalid_request`.
 */
export async function parseUpload(bytes: Buffer): Promise<unknown> {
  return bytes.length < SMALL_BYTES ? parseJson(bytes) : parseApart(bytes);
}

function parseApart(bytes: Buffer): Promise<unknown> {
  const worker = new Worker(WORKER, { workerData: bytes });
  let body: unknown;
  let rows: unknown[] | undefined;
  const parsed = new Promise((resolve, reject) => {
    worker.on("message", (part: ParsedPart) => {
      switch (part.kind) {
        case "broken":
          return reject(notJson());
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

/** Where an upload holds its rows, whatever else is wrong with it. */
export function rowsOf(body: unknown): unknown[] | undefined {
  const { jsonData } = (body ?? {}) as { readonly jsonData?: unknown };
  const rows = Array.isArray(jsonData) ? jsonData : (jsonData as { keys?: unknown } | null | undefined)?.keys;
  return Array.isArray(rows) ? rows : undefined;
}
