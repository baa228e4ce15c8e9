import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";

export function randomKey(): KeyObject {
  return createSecretKey(randomBytes(32));
}
