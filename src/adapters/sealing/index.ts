export { AesGcmSecretBox, type BoxKeys } from "./aes-gcm-secret-box.ts";
export { createEnvelope, Envelope, openEnvelope } from "./envelope.ts";
export { Hmac } from "./hmac.ts";
export { LocalMasterKey } from "./local-master-key.ts";
export {
  MAKE_KEY,
  type MasterKeySource,
  makeNextMasterKey,
  type NextMasterKey,
  newDatabaseId,
  type OpenedMasterKey,
  openMasterKey,
  type SealedDatabase,
} from "./open-master-key.ts";
export { SealingError, type SealingErrorCode } from "./sealing-error.ts";
