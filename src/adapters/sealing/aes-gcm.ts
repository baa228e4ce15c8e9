import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
export const KEY_BYTES = 32;

// Without it Node also takes a tag that was cut to 4 bytes, which is forged in four billion tries.
const OPTIONS = { authTagLength: TAG_BYTES };

/** `nonce | ciphertext | tag`, the nonce random. The associated data is vouched for and not contained. */
export function encrypt(key: KeyObject, associated: Uint8Array, plain: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS).setAAD(associated);
  const encrypted = cipher.update(plain);
  cipher.final();
  return Buffer.concat([nonce, encrypted, cipher.getAuthTag()]);
}

/** Undefined unless `bytes` is what `encrypt` answered for this key and associated data. */
export function decrypt(key: KeyObject, associated: Uint8Array, bytes: Uint8Array): Buffer | undefined {
  const tagStart = bytes.length - TAG_BYTES;
  if (tagStart < NONCE_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), OPTIONS)
    .setAAD(associated)
    .setAuthTag(bytes.subarray(tagStart));
  const plain = decipher.update(bytes.subarray(NONCE_BYTES, tagStart));
  try {
    decipher.final();
    return plain;
  } catch {
    // The one thing that it throws for is a tag that does not fit.
    return undefined;
  }
}
