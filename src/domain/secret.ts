import { invalid } from "./errors.ts";

const SECRET = /^[\x21-\x7e]{8,256}$/;

/** Checks a subscription key: 8 to 256 visible ASCII characters. Throws `invalid_request`. */
export function parseSecret(value: string): string {
  if (!SECRET.test(value)) {
    throw invalid({ field: "secret", message: "must be 8 to 256 visible ASCII characters" });
  }
  return value;
}

// Keys of the first kind are 32 hexadecimal digits, later ones 84 letters and digits.
const AZURE_KEY = /^(?=.*\d)(?:[0-9a-f]{32}|[0-9a-z]{84})$/i;

/** Whether a text that is not meant to be a key looks like one of Azure's, as when columns were mixed up. */
export function looksLikeSecret(text: string): boolean {
  return AZURE_KEY.test(text);
}

/** The form in which a secret may be shown: its first four characters and `***`. */
export function maskSecret(secret: string): string {
  return `${secret.slice(0, 4)}***`;
}

/** The text with every copy of the secret masked. */
export function maskSecretIn(text: string, secret: string): string {
  // A function, because "$&" in a replacement text would put the whole secret in.
  return text.replaceAll(secret, () => maskSecret(secret));
}
