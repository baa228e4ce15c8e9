import type { KeyObject } from "node:crypto";
import type { SealedSecret, Service } from "../../domain/index.ts";
import { decrypt, encrypt } from "./aes-gcm.ts";

const VERSION = 1;

// Three bytes are four characters of base64, so that one text begins everything sealed with one data key.
const HEADER_BYTES = 3;

/** What the text of everything that is sealed with this data key begins with, as bytes. */
export function headerOf(dataKeyId: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION);
  header.writeUInt16BE(dataKeyId, 1);
  return header;
}

/**
 * Base64url of `version (1) | data key id (2) | nonce (12) | ciphertext | tag (16)`. Version, service and fingerprint
 * are associated data, so that a sealed text belongs to one row only.
 */
export function sealText(
  key: KeyObject,
  header: Buffer,
  service: Service,
  fingerprint: string,
  secret: string,
): string {
  const encrypted = encrypt(key, associated(service, fingerprint), Buffer.from(secret));
  return Buffer.concat([header, encrypted]).toString("base64url");
}

/** Undefined unless it is what `sealText` answered, for this service and fingerprint, with one of these data keys. */
export function openText(
  dataKeys: ReadonlyMap<number, KeyObject>,
  service: Service,
  { fingerprint, sealed }: SealedSecret,
): string | undefined {
  const bytes = Buffer.from(sealed, "base64url");
  // The decoder passes over what is not base64.
  if (bytes.length < HEADER_BYTES || bytes.toString("base64url") !== sealed) return undefined;
  if (bytes.readUInt8(0) !== VERSION) return undefined;
  const key = dataKeys.get(bytes.readUInt16BE(1));
  return key && decrypt(key, associated(service, fingerprint), bytes.subarray(HEADER_BYTES))?.toString();
}

function associated(service: Service, fingerprint: string): Buffer {
  return Buffer.from(JSON.stringify([VERSION, service, fingerprint]));
}
