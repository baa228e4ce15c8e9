import { DomainError } from "./errors.ts";
import { parseRegion } from "./region.ts";
import { parseSecret } from "./secret.ts";

/** How far a probe had come when its own deadline ended it. */
export type Stage = "waiting" | "connecting" | "answering";

/** Why a probe was not even tried, or not carried out, on our side. */
export type LocalFault = "unusable_key" | "unusable_region" | "unusable_request" | "broken_client";

/** What a probe saw, in the words of its technology. A field is absent when that was not seen. */
export interface Evidence {
  /** The service did what only a working key makes it do. */
  readonly proven?: boolean;
  /** The service finished well but delivered nothing, such as a synthesis without audio. */
  readonly empty?: boolean;
  /** The HTTP status; 101 is an accepted upgrade and says nothing about the key. */
  readonly httpStatus?: number;
  /** Parsed with `parseRetryAfter`. */
  readonly retryAfterSeconds?: number;
  /** Translator's `error.code`, such as 401015; its first three digits are the HTTP status. */
  readonly translatorCode?: number;
  /** How a WebSocket ended without a result; code 1006 when no close frame came. */
  readonly close?: { readonly code: number; readonly reason: string };
  /** The Speech SDK's `CancellationErrorCode` by name. */
  readonly cancellation?: string;
  /** Speech's `RecognitionStatus`. */
  readonly phraseStatus?: string;
  /** The `code` of the error that the network or Node raised, such as `ECONNREFUSED`. */
  readonly errorCode?: string;
  /** Set when our own deadline ended the probe. */
  readonly timedOut?: Stage;
  readonly local?: LocalFault;
}

const LONGEST_WAIT_SECONDS = 31 * 86_400;

/**
 * Reads a `Retry-After` header: seconds, or a date that is compared with `now` (epoch milliseconds).
 * Whole seconds, rounded up, at most 31 days; undefined for anything else.
 */
export function parseRetryAfter(header: string | null | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text), LONGEST_WAIT_SECONDS);
  // Date.parse takes almost anything for a date, so the shape of an HTTP date is asked for first.
  if (!/^[A-Z][a-z]{2,8}, .*\bGMT$/.test(text)) return undefined;
  const seconds = Math.ceil((Date.parse(text) - now) / 1000);
  if (Number.isNaN(seconds)) return undefined;
  return Math.min(Math.max(seconds, 0), LONGEST_WAIT_SECONDS);
}

/** Why a key of that region cannot be probed at all; undefined when it can. */
export function unusableTarget(target: {
  readonly secret: string;
  readonly region: string;
}): Evidence | undefined {
  if (!accepts(parseSecret, target.secret)) return { local: "unusable_key" };
  if (!accepts(parseRegion, target.region)) return { local: "unusable_region" };
  return undefined;
}

function accepts(parse: (value: string) => string, value: string): boolean {
  try {
    parse(value);
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}
