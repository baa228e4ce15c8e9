import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import type { MasterKey } from "../../domain/index.ts";
import { decrypt, encrypt, KEY_BYTES } from "./aes-gcm.ts";

const VERSION = 1;
const ASSOCIATED = Buffer.from(`azure-key-pool envelope ${VERSION}`);

/** A master key in this process. Wraps with AES-256-GCM: `version (1) | nonce (12) | ciphertext | tag (16)`. */
export class LocalMasterKey implements MasterKey {
  readonly name: string;
  readonly #key: KeyObject;

  private constructor(name: string, key: KeyObject) {
    this.name = name;
    this.#key = key;
  }

  /** `text` is base64 of exactly 32 bytes. Throws a `TypeError` for any other, which does not repeat it. */
  static parse(text: string, name: string): LocalMasterKey {
    const bytes = Buffer.from(text, "base64");
    // The decoder passes over what is not base64.
    if (bytes.length !== KEY_BYTES || bytes.toString("base64") !== text)
      throw new TypeError("A master key is base64 of exactly 32 bytes");
    return new LocalMasterKey(name, createSecretKey(bytes));
  }

  /** A new key as text, for `parse`. */
  static generate(): string {
    return randomBytes(KEY_BYTES).toString("base64");
  }

  async wrap(bytes: Uint8Array): Promise<Uint8Array> {
    return Buffer.concat([Buffer.of(VERSION), encrypt(this.#key, ASSOCIATED, bytes)]);
  }

  async unwrap(wrapped: Uint8Array): Promise<Uint8Array | undefined> {
    return wrapped[0] === VERSION ? decrypt(this.#key, ASSOCIATED, wrapped.subarray(1)) : undefined;
  }
}
