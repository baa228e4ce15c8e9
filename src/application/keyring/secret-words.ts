import { maskSecret, SERVICES } from "../../domain/index.ts";
import type { KnownKeys } from "./known-keys.ts";

/** What could be a secret within a text: all that stands between blanks, and in it what consists of letters and digits. */
const WORDS = [/[\x21-\x7e]{8,256}/g, /[0-9A-Za-z]{8,256}/g];

/** The text with every word masked that is a key of the pool, as it is or in another letter case. */
export function maskKnownSecrets(text: string, known: KnownKeys): string {
  return WORDS.reduce(
    (masked, words) => masked.replace(words, (word) => (isKnown(word, known) ? maskSecret(word) : word)),
    text,
  );
}

function isKnown(word: string, known: KnownKeys): boolean {
  return [word, word.toLowerCase(), word.toUpperCase()].some((form) =>
    SERVICES.some((service) => known.find(service, form) !== undefined),
  );
}
