import { maskSecretIn, maskSecretLike } from "./secret.ts";

const NOTE_LENGTH = 500;

/**
 * A remark as it may be logged: whatever is or looks like a key masked, and what `maskMore` knows of, then cut to 500
 * characters.
 */
export function cleanNote(
  note: string,
  secret: string,
  maskMore: (text: string) => string = (text) => text,
): string {
  // PostgreSQL refuses NUL in a text. Taken away later, it could leave a secret whole that it had split.
  const masked = maskSecretLike(maskSecretIn(maskMore(note.replaceAll("\u0000", "")), secret));
  // A cut may leave half a surrogate pair.
  return masked.slice(0, NOTE_LENGTH).toWellFormed();
}
