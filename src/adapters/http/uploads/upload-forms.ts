/** Where an upload may hold its rows, as a caller names it. */
export type RowsField = "keys" | "jsonData.keys";

/** Whether a body is the file itself, such as a template that was filled in, or its bare array of keys. */
export function isFile(body: unknown): boolean {
  if (Array.isArray(body)) return true;
  return isObject(body) && Object.hasOwn(body, "keys") && !Object.hasOwn(body, "jsonData");
}

/** The rows of an upload, whatever else is wrong with it; undefined where there are none. */
export function rowsOf(body: unknown): unknown[] | undefined {
  const file = isFile(body) ? body : (body as { jsonData?: unknown } | null | undefined)?.jsonData;
  const rows = Array.isArray(file) ? file : (file as { keys?: unknown } | null | undefined)?.keys;
  return Array.isArray(rows) ? rows : undefined;
}

export function rowsFieldOf(body: unknown): RowsField {
  return isFile(body) ? "keys" : "jsonData.keys";
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
