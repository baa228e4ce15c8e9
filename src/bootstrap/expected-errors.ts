import { CertificateError } from "../adapters/http/index.ts";
import { CopyRefused, DatabaseError } from "../adapters/mikro-orm/index.ts";
import { SealingError } from "../adapters/sealing/index.ts";
import { DoorOpen } from "./check-door.ts";
import { ConfigError } from "./config.ts";
import { NotReady } from "./wait-for.ts";

const EXPECTED = [
  ...[CertificateError, ConfigError, CopyRefused, DatabaseError],
  ...[DoorOpen, NotReady, SealingError],
];

/** A port that is taken, a file that may not be read: the message is enough; a stack trace adds nothing. */
export function isEnvironmentError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (EXPECTED.some((kind) => error instanceof kind)) return true;
  return "code" in error && /^E[A-Z0-9]+$/.test(String(error.code));
}
