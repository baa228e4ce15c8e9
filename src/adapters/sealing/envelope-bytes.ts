import { createSecretKey, type KeyObject } from "node:crypto";
import { KEY_BYTES } from "./aes-gcm.ts";
import { SealingError } from "./sealing-error.ts";

const VERSION = 1;
const ID_BYTES = 2;

/** All keys but the master key. */
export interface EnvelopeKeys {
  /** By id, 1 to 65,535. */
  readonly dataKeys: ReadonlyMap<number, KeyObject>;
  readonly sealingKeyId: number;
  readonly fingerprint: KeyObject;
  readonly token: KeyObject;
  readonly audit: KeyObject;
}

/** `version (1) | fingerprint, token and audit key (32 each) | sealing key id (2) | data keys: id (2), key (32)`. */
export function toBytes(keys: EnvelopeKeys): Buffer {
  return Buffer.concat([
    Buffer.of(VERSION),
    ...[keys.fingerprint, keys.token, keys.audit].map((key) => key.export()),
    idBytes(keys.sealingKeyId),
    ...[...keys.dataKeys].flatMap(([id, key]) => [idBytes(id), key.export()]),
  ]);
}

/** Throws a `SealingError` (`unknown_version`) for what `toBytes` has not made. */
export function fromBytes(bytes: Uint8Array): EnvelopeKeys {
  const { buffer, byteOffset, length } = bytes;
  const left = Buffer.from(buffer, byteOffset, length);
  let at = 0;
  const take = (count: number) => {
    at += count;
    return left.subarray(at - count, at);
  };
  const takeKey = () => createSecretKey(take(KEY_BYTES));
  const takeId = () => take(ID_BYTES).readUInt16BE();
  const dataKeysAt = 1 + 3 * KEY_BYTES + ID_BYTES;
  const dataKeyBytes = length - dataKeysAt;
  if (take(1)[0] !== VERSION || dataKeyBytes <= 0 || dataKeyBytes % (ID_BYTES + KEY_BYTES) !== 0)
    throw unknownVersion();
  const [fingerprint, token, audit, sealingKeyId] = [takeKey(), takeKey(), takeKey(), takeId()];
  const dataKeys = new Map<number, KeyObject>();
  while (at < length) dataKeys.set(takeId(), takeKey());
  if (!dataKeys.has(sealingKeyId)) throw unknownVersion();
  return { dataKeys, sealingKeyId, fingerprint, token, audit };
}

function idBytes(id: number): Buffer {
  const bytes = Buffer.alloc(ID_BYTES);
  bytes.writeUInt16BE(id);
  return bytes;
}

function unknownVersion(): SealingError {
  return new SealingError(
    "unknown_version",
    "The keys of this database are stored in a form that this version does not know; run the version that wrote them, or a newer one",
  );
}
