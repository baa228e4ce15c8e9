import type { Chance } from "./chance.ts";

/** The chance and the one-way function that tokens are made and known by. */
export interface TokenCrypto extends Chance {
  /** SHA-256 of the text's UTF-8 bytes, as base64url without padding. Called for each request. */
  hash(text: string): string;

  /** Whether two hashes are the same, in a time that does not tell where they differ. */
  sameHash(one: string, other: string): boolean;
}
