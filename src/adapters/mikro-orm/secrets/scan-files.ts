import { closeSync, openSync, readSync } from "node:fs";

const CHUNK = 2 ** 20;

/** The first file that holds one of these texts of visible ASCII, as UTF-8 or UTF-16; undefined when none does. */
export function scanFiles(files: readonly string[], texts: readonly string[]): string | undefined {
  const patterns = texts.flatMap(patternsOf);
  if (patterns.length === 0) return undefined;
  return files.find((file) => holdsOne(file, patterns));
}

/** Without the zeros at its ends, UTF-16 is the same bytes in both byte orders. */
function patternsOf(text: string): Buffer[] {
  return [Buffer.from(text), Buffer.from(text, "utf16le").subarray(0, -1)];
}

function holdsOne(path: string, patterns: readonly Buffer[]): boolean {
  const file = openIfThere(path);
  if (file === undefined) return false;
  try {
    // What may begin in one chunk and end in the next is looked at with the next one.
    const kept = Math.max(...patterns.map(({ length }) => length)) - 1;
    const buffer = Buffer.alloc(kept + CHUNK);
    let filled = 0;
    for (;;) {
      const read = readSync(file, buffer, filled, CHUNK, null);
      if (read === 0) return false;
      filled += read;
      const found = buffer.subarray(0, filled);
      if (patterns.some((pattern) => found.includes(pattern))) return true;
      const start = Math.max(0, filled - kept);
      buffer.copyWithin(0, start, filled);
      filled -= start;
    }
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
