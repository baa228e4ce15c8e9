import { maskSecretIn, maskSecretLike } from "./secret.ts";

const NOTE_LENGTH = 500;

/** A caller's remark as it may be logged: whatever is or looks like a key masked, then cut to 500 characters. */
export function cleanNote(note: string, secret: string): string {
  // PostgreSQL refuses NUL in a text. Taken away later, it could leave a secret whole that it had split.
  const masked = maskSecretLike(maskSecretIn(note.replaceAll("\u0000", ""), secret));
  // A cut may leave half a surrogate pair.
  return masked.slice(0, NOTE_LENGTH).toWellFormed();
}
