import { generateKeySync, type KeyObject } from "node:crypto";
import type { Mac, MasterKey } from "../../domain/index.ts";
import { AesGcmSecretBox } from "./aes-gcm-secret-box.ts";
import { type EnvelopeKeys, fromBytes, toBytes } from "./envelope-bytes.ts";
import { Hmac } from "./hmac.ts";
import { SealingError } from "./sealing-error.ts";

const LAST_ID = 65_535;

/**
 * All keys that a database needs, which lie beside its rows, wrapped by the master key. Immutable: a change
 * answers another envelope, which is in force once it is stored. The keys themselves never leave it.
 */
export class Envelope {
  /** Opens with every data key and seals with the newest. */
  readonly box: AesGcmSecretBox;
  readonly #keys: EnvelopeKeys;

  /** For `createEnvelope` and `openEnvelope`. */
  constructor(keys: EnvelopeKeys) {
    this.#keys = keys;
    this.box = new AesGcmSecretBox({ ...keys, fingerprints: new Hmac(keys.fingerprint) });
  }

  /** The data keys that can open, oldest first. The last one seals. */
  get dataKeyIds(): readonly number[] {
    return [...this.#keys.dataKeys.keys()];
  }

  /** What vouches for the rows of tokens, or for the chain of the audit: each with a key of its own. */
  macOf(purpose: "token" | "audit"): Mac {
    return new Hmac(this.#keys[purpose]);
  }

  /**
   * The bytes to store, for `openEnvelope` with the same master key. To exchange the master key, wrap with the
   * new one and store that: nothing else changes.
   */
  async wrap(masterKey: MasterKey): Promise<Uint8Array> {
    const bytes = toBytes(this.#keys);
    try {
      return await masterKey.wrap(bytes);
    } finally {
      bytes.fill(0);
    }
  }

  /** With a new data key that seals from now on; the others go on opening. */
  addDataKey(): Envelope {
    const sealingKeyId = this.#keys.sealingKeyId + 1;
    if (sealingKeyId > LAST_ID) throw new RangeError(`There can be ${LAST_ID} data keys, one after another`);
    const dataKeys = new Map(this.#keys.dataKeys).set(sealingKeyId, newKey());
    return new Envelope({ ...this.#keys, dataKeys, sealingKeyId });
  }

  /**
   * Without a data key that no row needs any more; one that is gone already changes nothing. Throws a `RangeError`
   * for the one that seals.
   */
  dropDataKey(id: number): Envelope {
    const dataKeys = new Map(this.#keys.dataKeys);
    dataKeys.delete(id);
    return new Envelope({ ...this.#keys, dataKeys });
  }
}

/** New random keys, with one data key. */
export function createEnvelope(): Envelope {
  const dataKeys = new Map([[1, newKey()]]);
  return new Envelope({ dataKeys, sealingKeyId: 1, fingerprint: newKey(), token: newKey(), audit: newKey() });
}

/**
 * Opens what `Envelope.wrap` answered. Throws a `SealingError`: `wrong_master_key`, also when the bytes were
 * changed, or `unknown_version`.
 */
export async function openEnvelope(masterKey: MasterKey, wrapped: Uint8Array): Promise<Envelope> {
  const bytes = await masterKey.unwrap(wrapped);
  if (bytes === undefined) {
    throw new SealingError(
      "wrong_master_key",
      `The master key from ${masterKey.name} is not the one that the secrets of this database were sealed with; start with that one (MASTER_KEY or MASTER_KEY_FILE), from your backup of it`,
    );
  }
  try {
    return new Envelope(fromBytes(bytes));
  } finally {
    bytes.fill(0);
  }
}

function newKey(): KeyObject {
  return generateKeySync("aes", { length: 256 });
}
