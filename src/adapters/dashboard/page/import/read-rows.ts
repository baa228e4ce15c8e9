/** A row of an import, as the API takes it. Checked by the server. */
export type Row = Readonly<Record<string, unknown>>;

export type ReadRows =
  | { readonly rows: readonly Row[]; readonly service?: "speech" | "translation" }
  /** `line` counts from 1, where one is to blame. */
  | { readonly fault: "json" | "empty" }
  | { readonly fault: "line"; readonly line: number };

const COLUMNS = ["key", "region", "keyname", "tag"];

/** Reads JSON as the API takes it, or lines of key, region, name and tag, with or without a heading. */
export function readRows(text: string): ReadRows {
  const trimmed = text.replace(/^\uFEFF/, "").trim();
  if (trimmed === "") return { fault: "empty" };
  return /^[[{]/.test(trimmed) ? readJson(trimmed) : readLines(trimmed);
}

function readJson(text: string): ReadRows {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return { fault: "json" };
  }
  const rows: unknown = Array.isArray(file) ? file : (file as Row).keys;
  if (!Array.isArray(rows)) return { fault: "json" };
  if (rows.length === 0) return { fault: "empty" };
  const type = Array.isArray(file) ? undefined : (file as Row).type;
  return { rows, ...((type === "speech" || type === "translation") && { service: type }) };
}

function readLines(text: string): ReadRows {
  const rows: Row[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const cells = line.split(/[\t,;]/).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
    if (cells.every((cell) => cell === "") || isHeading(cells, index)) continue;
    const [key, region, keyname, tag] = cells;
    if (!key || !region) return { fault: "line", line: index + 1 };
    rows.push({ key, region, ...(keyname && { keyname }), ...(tag && { tag }) });
  }
  return rows.length === 0 ? { fault: "empty" } : { rows };
}

function isHeading(cells: readonly string[], index: number): boolean {
  return index === 0 && cells[0]?.toLowerCase() === COLUMNS[0] && cells[1]?.toLowerCase() === COLUMNS[1];
}
