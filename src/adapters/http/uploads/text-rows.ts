import { isUtf8 } from "node:buffer";
import { withoutByteOrderMark } from "../server/json-text.ts";
import { CsvFault, readCsv } from "./csv.ts";

export const TEXT_MEDIA = ["text/csv", "text/plain"] as const;

/** How an upload that is no JSON is to be read. */
export interface TextFormat {
  readonly media: (typeof TEXT_MEDIA)[number];
  /** Of the rows that name none. Default: none, and such rows are refused. */
  readonly region?: string | undefined;
}

const COLUMNS = ["key", "region", "keyname", "tag", "status", "max_in_flight"];

// Spreadsheets that were cleared leave empty columns behind.
const MOST_FIELDS = 50;

/** What a text must be and is not. Repeats nothing of it. */
export class TextFault extends Error {
  override readonly name = "TextFault";
}

/**
 * The rows of a text as those of a file in JSON, one at a time. Blanks around a field are dropped, and an empty one
 * says nothing. Throws `TextFault`.
 */
export function* readTextRows(bytes: Uint8Array, { media, region }: TextFormat): Generator<object> {
  if (!isUtf8(bytes)) throw new TextFault("must be UTF-8");
  const text = withoutByteOrderMark(Buffer.from(bytes).toString());
  try {
    yield* media === "text/csv" ? csvRows(text, region) : listedKeys(text, region);
  } catch (cause) {
    if (cause instanceof CsvFault) throw new TextFault(`must be valid CSV: ${cause.message}`, { cause });
    throw cause;
  }
}

/** The first record names the columns, in any order. */
function* csvRows(text: string, region: string | undefined): Generator<object> {
  let columns: readonly string[] | undefined;
  for (const { line, fields } of readCsv(text, MOST_FIELDS)) {
    const values = fields.map((field) => field.trim());
    if (columns === undefined) {
      columns = columnsIn(values, line);
      continue;
    }
    const named: Record<string, string> = {};
    for (const [at, value] of values.entries()) {
      const column = columns[at];
      if (value === "") continue;
      if (!column) throw new CsvFault(`line ${line} has a field that is in none of its columns`);
      named[column] = value;
    }
    // A line of commas alone.
    if (Object.keys(named).length > 0) yield rowOf(named, region);
  }
}

function columnsIn(names: readonly string[], line: number): readonly string[] {
  const columns = names.map((name) => name.toLowerCase());
  const named = columns.filter((column) => column !== "");
  const known = COLUMNS.join(", ");
  // Passed over, a misspelt column would do the opposite of what was meant, such as to enable a key.
  if (named.some((column) => !COLUMNS.includes(column)) || !named.includes("key")) {
    throw new CsvFault(`line ${line} has to name the columns: ${known}; only key is needed`);
  }
  if (new Set(named).size < named.length) throw new CsvFault(`line ${line} names a column twice`);
  return columns;
}

/** One key a line, perhaps with its region behind a comma; lines that begin with # are for people. */
function* listedKeys(text: string, region: string | undefined): Generator<object> {
  for (const [sent] of text.matchAll(/[^\r\n]+/g)) {
    const line = sent.trim();
    if (line === "" || line.startsWith("#")) continue;
    const comma = line.indexOf(",");
    const named = comma < 0 ? "" : line.slice(comma + 1).trim();
    const key = comma < 0 ? line : line.slice(0, comma).trim();
    yield rowOf({ key, ...(named !== "" && { region: named }) }, region);
  }
}

function rowOf(row: object, region: string | undefined): object {
  return region === undefined ? row : { region, ...row };
}
