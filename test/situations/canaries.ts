import { createHash } from "node:crypto";
import type { Sought } from "./secret-search.ts";

/** A key as Azure's older ones are: 32 hexadecimal digits. */
const older = (name: string): string => createHash("md5").update(`canary ${name}`).digest("hex");

/** A key as Azure's newer ones are: 84 letters and digits. */
const newer = (name: string): string =>
  ["1", "2"]
    .map((part) => createHash("sha512").update(`canary ${name} ${part}`).digest("base64"))
    .join("")
    .replace(/[^0-9A-Za-z]/g, "")
    .slice(0, 84);

/** Keys that are brought into the pool, by what becomes of them. */
export const CANARIES = {
  speech: older("speech"),
  newSpeech: newer("speech"),
  translation: older("translation"),
  newTranslation: newer("translation"),
  imported: newer("imported"),
  overwritten: older("overwritten"),
  deleted: older("deleted"),
  swept: newer("swept"),
} as const;

/** Keys that never get into the pool. */
export const STRANGERS = { older: older("stranger"), newer: newer("stranger") } as const;

/** What the server's environment holds. */
export const ENVIRONMENT = {
  adminToken: `admin-${newer("admin").slice(0, 40)}`,
  masterKey: createHash("sha256").update("canary master key").digest("base64"),
  nextMasterKey: createHash("sha256").update("canary next master key").digest("base64"),
  databasePassword: newer("database").slice(0, 24),
  redisPassword: newer("redis").slice(0, 24),
} as const;

/** All of them, and these tokens. */
export function sought(tokens: readonly string[]): readonly Sought[] {
  const named = (kind: string, texts: object, shown: number) =>
    Object.entries(texts).map(([name, text]) => ({ name: `${kind} ${name}`, text, shown }));
  // A token is named by its id, which stands before its second underscore.
  const secrets = tokens.map((token) => token.slice("akp_0123456789ab_".length));
  return [
    ...named("key", CANARIES, 4),
    ...named("stranger", STRANGERS, 4),
    ...named("environment", ENVIRONMENT, 0),
    ...named("token", secrets, 0),
  ];
}
