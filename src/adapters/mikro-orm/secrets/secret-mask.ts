import { maskSecret, maskSecretLike } from "../../../domain/index.ts";

/** No secret is shorter. */
const PREFIX = 8;

/** Masks many secrets at once: a text is looked through once, however many there are. */
export class SecretMask {
  /** In lower case, by their first characters; of those that begin alike the longest first. */
  readonly #byPrefix = new Map<string, string[]>();

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) {
      const lower = lowerCase(secret);
      const prefix = lower.slice(0, PREFIX);
      const alike = this.#byPrefix.get(prefix);
      if (alike === undefined) this.#byPrefix.set(prefix, [lower]);
      else alike.push(lower);
    }
    for (const alike of this.#byPrefix.values()) alike.sort((a, b) => b.length - a.length);
  }

  /** The text with every secret in it masked, in whatever letter case, and every word that looks like a key. */
  mask(text: string): string {
    const lower = lowerCase(text);
    let masked = "";
    let copied = 0;
    for (let at = 0; at + PREFIX <= lower.length; ) {
      const secret = this.#secretAt(lower, at);
      if (secret === undefined) {
        at += 1;
        continue;
      }
      masked += text.slice(copied, at) + maskSecret(text.slice(at, at + secret.length));
      at += secret.length;
      copied = at;
    }
    return maskSecretLike(masked + text.slice(copied));
  }

  #secretAt(lower: string, at: number): string | undefined {
    return this.#byPrefix.get(lower.slice(at, at + PREFIX))?.find((secret) => lower.startsWith(secret, at));
  }
}

/** Of ASCII alone, as secrets are: other letters may change the length of the text. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
