import type { KeyObject } from "node:crypto";
import type { Mac, SealedSecret, SecretBox, SecretOpener, Service } from "../../domain/index.ts";
import { BackgroundOpener } from "./background-opener.ts";
import { headerOf, openText, sealText } from "./sealed-text.ts";

export interface BoxKeys {
  /** For opening, by id, 1 to 65,535. */
  readonly dataKeys: ReadonlyMap<number, KeyObject>;
  /** Which of them seals. */
  readonly sealingKeyId: number;
  readonly fingerprints: Mac;
}

/** AES-256-GCM, in the format of `sealText`. */
export class AesGcmSecretBox implements SecretBox {
  readonly #keys: BoxKeys;
  readonly #sealingKey: KeyObject;
  readonly #header: Buffer;

  constructor(keys: BoxKeys) {
    const sealingKey = keys.dataKeys.get(keys.sealingKeyId);
    if (sealingKey === undefined) throw new RangeError(`There is no data key ${keys.sealingKeyId}`);
    this.#keys = keys;
    this.#sealingKey = sealingKey;
    this.#header = headerOf(keys.sealingKeyId);
  }

  /** The first four characters of all that this box seals; what begins otherwise is of an older data key. */
  get prefix(): string {
    return this.#header.toString("base64url");
  }

  seal(service: Service, secret: string): SealedSecret {
    const fingerprint = this.fingerprint(service, secret);
    return { fingerprint, sealed: sealText(this.#sealingKey, this.#header, service, fingerprint, secret) };
  }

  open(service: Service, stored: SealedSecret): string | undefined {
    return openText(this.#keys.dataKeys, service, stored);
  }

  opener(): SecretOpener {
    return new BackgroundOpener(this.#keys.dataKeys);
  }

  fingerprint(service: Service, secret: string): string {
    return this.#keys.fingerprints.of([service, secret]);
  }
}
