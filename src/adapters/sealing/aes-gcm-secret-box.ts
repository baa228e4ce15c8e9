import type { KeyObject } from "node:crypto";
import type { Mac, SealedSecret, SecretBox, Service } from "../../domain/index.ts";
import { decrypt, encrypt } from "./aes-gcm.ts";

const VERSION = 1;

// Three bytes are four characters of base64, so that one text begins everything sealed with one data key.
const HEADER_BYTES = 3;

export interface BoxKeys {
  /** For opening, by id, 1 to 65,535. */
  readonly dataKeys: ReadonlyMap<number, KeyObject>;
  /** Which of them seals. */
  readonly sealingKeyId: number;
  readonly fingerprints: Mac;
}

/**
 * AES-256-GCM. What is sealed is base64url of `version (1) | data key id (2) | nonce (12) | ciphertext | tag (16)`.
 * Version, service and fingerprint are associated data, so that a sealed text belongs to one row only.
 */
export class AesGcmSecretBox implements SecretBox {
  readonly #keys: BoxKeys;
  readonly #sealingKey: KeyObject;
  readonly #header: Buffer;

  constructor(keys: BoxKeys) {
    const sealingKey = keys.dataKeys.get(keys.sealingKeyId);
    if (sealingKey === undefined) throw new RangeError(`There is no data key ${keys.sealingKeyId}`);
    this.#keys = keys;
    this.#sealingKey = sealingKey;
    this.#header = Buffer.alloc(HEADER_BYTES);
    this.#header.writeUInt8(VERSION);
    this.#header.writeUInt16BE(keys.sealingKeyId, 1);
  }

  /** The first four characters of all that this box seals; what begins otherwise is of an older data key. */
  get prefix(): string {
    return this.#header.toString("base64url");
  }

  seal(service: Service, secret: string): SealedSecret {
    const fingerprint = this.fingerprint(service, secret);
    const encrypted = encrypt(this.#sealingKey, associated(service, fingerprint), Buffer.from(secret));
    return { fingerprint, sealed: Buffer.concat([this.#header, encrypted]).toString("base64url") };
  }

  open(service: Service, { fingerprint, sealed }: SealedSecret): string | undefined {
    const bytes = Buffer.from(sealed, "base64url");
    // The decoder passes over what is not base64.
    if (bytes.length < HEADER_BYTES || bytes.toString("base64url") !== sealed) return undefined;
    if (bytes.readUInt8(0) !== VERSION) return undefined;
    const key = this.#keys.dataKeys.get(bytes.readUInt16BE(1));
    return key && decrypt(key, associated(service, fingerprint), bytes.subarray(HEADER_BYTES))?.toString();
  }

  fingerprint(service: Service, secret: string): string {
    return this.#keys.fingerprints.of([service, secret]);
  }
}

function associated(service: Service, fingerprint: string): Buffer {
  return Buffer.from(JSON.stringify([VERSION, service, fingerprint]));
}
