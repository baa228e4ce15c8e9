import { type FieldProblem, invalid } from "./errors.ts";
import type { KeyId } from "./key.ts";

/** Names a lease among those of its key; nobody can guess it. */
export type LeaseId = string;

/** That a key is in use until an instant, unless it is returned before. */
export interface Lease {
  readonly id: LeaseId;
  readonly keyId: KeyId;
  /** From this instant on it has run out; epoch milliseconds, by the clock of the store. */
  readonly until: number;
}

export const DEFAULT_LEASE_SECONDS = 60;
export const LONGEST_LEASE_SECONDS = 3_600;
export const LONGEST_LEASE_WAIT_MS = 30_000;

/** Bytes of chance in an id, as many as in a token. */
export const LEASE_ID_BYTES = 16;

/** Checks for how long a key is asked for; answers milliseconds. Throws `invalid_request`. */
export function parseLeaseTtl(seconds: number = DEFAULT_LEASE_SECONDS): number {
  const problem = problemOfTtl(seconds);
  if (problem) throw invalid(problem);
  return seconds * 1000;
}

/** Checks how long a caller would wait for a key, in milliseconds. Throws `invalid_request`. */
export function parseLeaseWait(ms = 0): number {
  const problem = problemOfWait(ms);
  if (problem) throw invalid(problem);
  return ms;
}

/** Checks both, and throws `invalid_request` with all that is wrong. */
export function parseLeaseTimes({
  ttlSeconds = DEFAULT_LEASE_SECONDS,
  waitMs = 0,
}: {
  readonly ttlSeconds?: number | undefined;
  readonly waitMs?: number | undefined;
}): { readonly ttlMs: number; readonly waitMs: number } {
  const [ofTtl, ofWait] = [problemOfTtl(ttlSeconds), problemOfWait(waitMs)];
  if (ofTtl || ofWait) throw invalid(...(ofTtl ? [ofTtl] : []), ...(ofWait ? [ofWait] : []));
  return { ttlMs: ttlSeconds * 1000, waitMs };
}

function problemOfTtl(seconds: number): FieldProblem | undefined {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_LEASE_SECONDS) return undefined;
  return { field: "ttlSeconds", message: `must be an integer from 1 to ${LONGEST_LEASE_SECONDS}` };
}

function problemOfWait(ms: number): FieldProblem | undefined {
  if (Number.isInteger(ms) && ms >= 0 && ms <= LONGEST_LEASE_WAIT_MS) return undefined;
  return { field: "waitMs", message: `must be an integer from 0 to ${LONGEST_LEASE_WAIT_MS}` };
}

/** A lease as its holder names it: its key's id comes first, so that any instance knows where to look. */
export function leaseName({ keyId, id }: Pick<Lease, "keyId" | "id">): string {
  return `${keyId}.${id}`;
}

/** Undefined for what is no lease's name. */
export function parseLeaseName(name: string): Pick<Lease, "keyId" | "id"> | undefined {
  const [, keyId, id] = /^([1-9]\d{0,14})\.([\w-]{22})$/.exec(name) ?? [];
  return keyId === undefined || id === undefined ? undefined : { keyId: Number(keyId), id };
}
