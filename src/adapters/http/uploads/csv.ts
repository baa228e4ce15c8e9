/** Why a text is no CSV, and in which line, counted from 1. Says nothing of what stands there. */
export class CsvFault extends Error {
  override readonly name = "CsvFault";
}

export interface CsvRecord {
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * The records of a text, one at a time, as RFC 4180 has them. Lines may also end in LF or CR alone; those without
 * anything in them are passed over. Throws `CsvFault`, also for a record of more than `mostFields` fields.
 */
export function* readCsv(text: string, mostFields: number): Generator<CsvRecord> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const record = { line, fields: [] as string[] };
    for (let separator = ","; separator === ","; ) {
      if (record.fields.length === mostFields) {
        throw new CsvFault(`line ${record.line} has more than ${mostFields} fields`);
      }
      const isQuoted = text[at] === '"';
      const end = isQuoted ? endOfQuoted(text, at) : endOfBare(text, at);
      if (end === undefined) throw new CsvFault(`a quoted field that begins in line ${line} has no end`);
      const sent = text.slice(at, end);
      record.fields.push(isQuoted ? sent.slice(1, -1).replaceAll('""', '"') : sent);
      if (isQuoted) line += sent.match(LINE_BREAK)?.length ?? 0;
      separator = text[end] ?? "\n";
      if (!/[,\r\n]/.test(separator)) throw new CsvFault(`line ${line} has a quote within a field`);
      at = end + (text.startsWith("\r\n", end) ? 2 : 1);
    }
    line++;
    if (record.fields.length > 1 || record.fields[0] !== "") yield record;
  }
}

const LINE_BREAK = /\r\n|\r|\n/g;
const NOT_BARE = /[",\r\n]/g;

function endOfBare(text: string, start: number): number {
  NOT_BARE.lastIndex = start;
  return NOT_BARE.exec(text)?.index ?? text.length;
}

/** Behind the closing quote; two quotes are one that stands in the field. Undefined when there is none. */
function endOfQuoted(text: string, start: number): number | undefined {
  let quote = text.indexOf('"', start + 1);
  while (quote >= 0 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2);
  return quote < 0 ? undefined : quote + 1;
}
