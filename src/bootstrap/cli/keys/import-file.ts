import type { ImportRow } from "../../../adapters/client/index.ts";
import { CsvFault, readCsv } from "../../../adapters/http/uploads/csv.ts";
import { SERVICES, type Service } from "../../../domain/index.ts";
import { CommandFailed, EXIT } from "../exit-code.ts";
import type { ImportFormat } from "./import-format.ts";

/** What a file of keys says. What it does not say of a row is undefined. */
export interface ImportFile {
  readonly service: Service | undefined;
  readonly rows: readonly Partial<ImportRow>[];
}

const MOST_CELLS = 50;

/** What a file without titles has, in this order. */
const BARE_COLUMNS = ["key", "region", "keyname", "tag"] as const;
const COLUMNS = [...BARE_COLUMNS, "max_in_flight"] as const;

/** Throws `CommandFailed` for what is not of this format; that repeats nothing of the file, which holds secrets. */
export function readImportFile(text: string, format: ImportFormat): ImportFile {
  const content = text.replace(/^\uFEFF/, "");
  if (format === "json") return fromJson(content);
  return { service: undefined, rows: format === "csv" ? fromCsv(content) : fromLines(content) };
}

function fromJson(text: string): ImportFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message would quote the file.
    throw unreadable("it is not JSON");
  }
  const whole = Array.isArray(json) ? { keys: json } : Object(json);
  if (!Array.isArray(whole.keys)) throw unreadable("it has no list of keys");
  const service = SERVICES.find((one) => one === whole.type);
  if (whole.type !== undefined && service === undefined) {
    throw unreadable(`its type is none of ${SERVICES.join(", ")}`);
  }
  return { service, rows: whole.keys };
}

function fromCsv(text: string): readonly Partial<ImportRow>[] {
  const lines = linesOf(text);
  const [first = []] = lines;
  const named = first.map((title) => title.toLowerCase());
  const hasTitles = named.includes("key");
  const unknown = hasTitles ? named.filter((title) => !COLUMNS.some((column) => column === title)) : [];
  if (unknown.length > 0) throw unreadable(`it has columns other than ${COLUMNS.join(", ")}`);
  const columns = hasTitles ? named : BARE_COLUMNS;
  return lines.slice(hasTitles ? 1 : 0).map((cells, index) => {
    if (cells.length > columns.length)
      throw unreadable(`row ${index + 1} has more than ${columns.length} cells`);
    // An empty cell says nothing.
    return Object.fromEntries(cells.map((cell, at) => [columns[at], cell]).filter(([, cell]) => cell !== ""));
  });
}

/** As the server reads an upload. */
function linesOf(text: string): readonly (readonly string[])[] {
  try {
    return Array.from(readCsv(text, MOST_CELLS), ({ fields }) => fields.map((field) => field.trim()));
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    throw unreadable(`it is not CSV: ${error.message}`);
  }
}

function fromLines(text: string): readonly Partial<ImportRow>[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map((key) => ({ key }));
}

function unreadable(reason: string): CommandFailed {
  return new CommandFailed(`The file cannot be imported: ${reason}`, EXIT.failed);
}
