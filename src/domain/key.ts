import { invalid } from "./errors.ts";
import type { Placement } from "./placement.ts";
import { holdsSecret, refuseSecretLike } from "./secret.ts";
import type { Service } from "./service.ts";
import type { Standing } from "./standing.ts";

/** Names a key among the keys of both services. */
export type KeyId = number;

/** What a person says about a key, apart from its secret. All of it can be changed later. */
export interface KeyDescription {
  /** Where its service is hosted; lower case, see `parseRegion`. */
  readonly region: string;
  /** For people; at most 100 characters, may be empty. */
  readonly name: string;
  /** Narrows hand-outs to keys that have it; at most 50 characters, null for none. */
  readonly tag: string | null;
  /** How many leases of it may run at a time; 1 to 10,000, null for any number. Plain hand-outs ignore it. */
  readonly maxInFlight: number | null;
}

/** A key that has no id yet. */
export interface KeyDraft extends KeyDescription {
  readonly service: Service;
  readonly secret: string;
  readonly standing: Standing;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** A subscription key of one service. The secret is unique within the service. */
export interface Key extends KeyDraft {
  readonly id: KeyId;
  readonly placement: Placement;
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

/** Checks a key's name: at most 100 characters, no control characters, nothing like a key. Throws `invalid_request`. */
export function parseName(value: string): string {
  return parseText("name", value, 100);
}

/** Checks a tag: at most 50 characters, no control characters, nothing like a key; empty is none. Throws `invalid_request`. */
export function parseTag(value: string): string | null {
  return parseText("tag", value, 50) || null;
}

const HIGHEST_LIMIT = 10_000;

/** Checks a key's limit: a whole number from 1 to 10,000, or its digits; null or empty is none. Throws `invalid_request`. */
export function parseMaxInFlight(value: unknown): number | null {
  if (value === null || value === "") return null;
  const limit = typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : value;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > HIGHEST_LIMIT) {
    throw invalid({
      field: "maxInFlight",
      message: `must be an integer from 1 to ${HIGHEST_LIMIT}, or null`,
    });
  }
  return limit;
}

/** Names and tags are shown and logged, so they may not give the secret away. Throws `invalid_request`. */
export function refuseSecretIn({ name, tag }: Partial<KeyDescription>, secret: string): void {
  const revealing = [
    { field: "name", text: name },
    { field: "tag", text: tag },
  ].filter(({ text }) => text && holdsSecret(text, secret));
  if (revealing.length === 0) return;
  throw invalid(...revealing.map(({ field }) => ({ field, message: "must not contain the key itself" })));
}

function parseText(field: string, value: string, maxLength: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  const unusable = /[\u0000-\u001f\u007f]/.test(value);
  // A database stores a lone surrogate as another character, so that the tag in our answer would name no pool.
  if (unusable || value.length > maxLength || !value.isWellFormed()) {
    throw invalid({
      field,
      message: `must be at most ${maxLength} characters, none of them control characters`,
    });
  }
  refuseSecretLike(field, value);
  return value;
}
