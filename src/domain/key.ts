import { invalid } from "./errors.ts";
import type { Service } from "./service.ts";
import type { Standing } from "./standing.ts";

export type KeyId = number;

/** What a person says about a key; everything but the secret can be changed later. */
export interface KeyDescription {
  readonly region: string;
  /** At most 100 characters, may be empty. `keyname` on the wire. */
  readonly name: string;
  /** Narrows hand-outs to keys that bear it; at most 50 characters, null for none. */
  readonly tag: string | null;
}

/** A key that has no identity yet. */
export interface KeyDraft extends KeyDescription {
  readonly service: Service;
  readonly secret: string;
  readonly standing: Standing;
  readonly createdAt: number;
}

/** A subscription key of one service. The secret is unique within the service. */
export interface Key extends KeyDraft {
  readonly id: KeyId;
}

/** How much a key has been used; counted in memory and written within a second. */
export interface Usage {
  /** Hand-outs so far. */
  readonly usageCount: number;
  /** Reports so far that were not 2xx. */
  readonly errorCount: number;
  /** Last hand-out, epoch milliseconds; null when never handed out. */
  readonly lastUsedAt: number | null;
}

export function parseName(value: string): string {
  return parseText("keyname", value, 100);
}

/** An empty tag is no tag. */
export function parseTag(value: string): string | null {
  return parseText("tag", value, 50) || null;
}

/** Names and tags are shown and logged, so they may not give the secret away. Throws `invalid_request`. */
export function refuseSecretIn({ name, tag }: Partial<KeyDescription>, secret: string): void {
  const telling = [
    { field: "keyname", text: name },
    { field: "tag", text: tag },
  ].filter(({ text }) => text?.includes(secret));
  if (telling.length === 0) return;
  throw invalid(...telling.map(({ field }) => ({ field, message: "must not contain the key itself" })));
}

function parseText(field: string, value: string, maxLength: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  const unusable = /[\u0000-\u001f\u007f]/.test(value);
  // A database would store half a character as another one, and the tag that was answered would name no pool.
  if (unusable || value.length > maxLength || !value.isWellFormed()) {
    throw invalid({
      field,
      message: `must be at most ${maxLength} characters, none of them control characters`,
    });
  }
  return value;
}
