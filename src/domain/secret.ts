import { invalid } from "./errors.ts";

const SECRET = /^[\x21-\x7e]{8,256}$/;

/** Checks a subscription key: 8 to 256 visible ASCII characters. Throws `invalid_request`. */
export function parseSecret(value: string): string {
  if (!SECRET.test(value)) {
    throw invalid({ field: "secret", message: "must be 8 to 256 visible ASCII characters" });
  }
  return value;
}

// What templates and instructions have in a key's place. Each has a character that none of Azure's keys has.
const PLACEHOLDERS = [/^replace[-_]with[-_]/i, /^your[-_](?:.*[-_])?here$/i, /^<[^<>]*>$/];

/**
 * Refuses, in place of a key to be added, what a template has there: `replace-with-…`, `your-…-here` or `<…>`. Added,
 * it would be handed out. Throws `invalid_request`.
 */
export function refusePlaceholder(value: string): void {
  if (PLACEHOLDERS.some((placeholder) => placeholder.test(value))) {
    throw invalid({ field: "secret", message: "must be a key, not a placeholder" });
  }
}

// Azure's keys are 32 hexadecimal digits, or 52 or 84 letters and digits.
const AZURE_KEYS = /(?<![0-9a-z])(?:[0-9a-f]{32}|[0-9a-z]{52}|[0-9a-z]{84})(?![0-9a-z])/gi;
// What callers of this pool show, see `tokenText`; cut off, it is still most of one.
const TOKENS = /akp_[0-9a-f]{12}_[\w-]{16,49}/gi;

/** Whether a text that will be shown has a word that looks like a key or a token, as when columns were mixed up. */
export function holdsSecretLike(text: string): boolean {
  return maskSecretLike(text) !== text;
}

/** The text with every word masked that looks like one of Azure's keys, or like a token of this pool. */
export function maskSecretLike(text: string): string {
  const tokenless = text.replace(TOKENS, maskSecret);
  return tokenless.replace(AZURE_KEYS, (word) => (/\d/.test(word) ? maskSecret(word) : word));
}

/** Refuses a text that will be shown if it has a word that looks like a key. Throws `invalid_request`. */
export function refuseSecretLike(field: string, text: string): void {
  if (holdsSecretLike(text)) throw invalid({ field, message: "must not hold what looks like a key" });
}

/** The form in which a secret may be shown: its first four characters and `***`. */
export function maskSecret(secret: string): string {
  return `${secret.slice(0, 4)}***`;
}

/** The text with every copy of the secret masked, in whatever letter case. */
export function maskSecretIn(text: string, secret: string): string {
  if (!holdsSecret(text, secret)) return text;
  return text.replace(new RegExp(secret.replace(/[^0-9a-z]/gi, "\\$&"), "gi"), maskSecret);
}

/** Whether the text has a copy of the secret, in whatever letter case. */
export function holdsSecret(text: string, secret: string): boolean {
  return text.toLowerCase().includes(secret.toLowerCase());
}
