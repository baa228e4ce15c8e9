export const FORMATS = ["json", "csv", "txt"] as const;

export type ImportFormat = (typeof FORMATS)[number];

/** By the name; a file whose name says nothing is a key a line, unless it begins as JSON does. */
export function formatOf(file: string, text: string): ImportFormat {
  const byName = FORMATS.find((format) => file.toLowerCase().endsWith(`.${format}`));
  return byName ?? (/^\uFEFF?\s*[[{]/.test(text) ? "json" : "txt");
}
