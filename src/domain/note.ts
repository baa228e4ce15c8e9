import { maskSecret } from "./secret.ts";

const NOTE_LENGTH = 500;

/** Makes a caller's remark fit for the log: the key's own secret masked, then cut to 500 characters. */
export function cleanNote(note: string, secret: string): string {
  const masked = note.replaceAll(secret, maskSecret(secret)).slice(0, NOTE_LENGTH);
  // PostgreSQL refuses NUL in a text, and a cut may leave half a surrogate pair.
  return masked.replaceAll("\u0000", "").toWellFormed();
}
