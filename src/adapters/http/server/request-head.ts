import type { IncomingMessage } from "node:http";

/** What the open door reads of a request's head: each field as often as it was sent, which Node's own view hides. */
export interface RequestHead {
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
  readonly fetchSites: readonly string[];
  /** Whether something between says that it has passed the request on. */
  readonly isForwarded: boolean;
}

/** Shared, for most requests have but a host, and what a hot one allocates is most of its cost. */
const NONE: string[] = [];

export function headOf({ rawHeaders }: IncomingMessage): RequestHead {
  let hosts = NONE;
  let origins = NONE;
  let fetchSites = NONE;
  let isForwarded = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const value = rawHeaders[at + 1] as string;
    const name = (rawHeaders[at] as string).toLowerCase();
    switch (name) {
      case "host":
        hosts = add(hosts, value);
        break;
      case "origin":
        origins = add(origins, value);
        break;
      case "sec-fetch-site":
        fetchSites = add(fetchSites, value);
        break;
      default:
        isForwarded ||= isForwarding(name);
    }
  }
  return { hosts, origins, fetchSites, isForwarded };
}

function add(values: string[], value: string): string[] {
  if (values === NONE) return [value];
  values.push(value);
  return values;
}

function isForwarding(name: string): boolean {
  return name.startsWith("x-forwarded-") || name === "forwarded" || name === "via" || name === "x-real-ip";
}

/** Whether a body follows the head. */
export function announcesBody({ headers }: IncomingMessage): boolean {
  const { "content-length": length, "transfer-encoding": encoding } = headers;
  return encoding !== undefined || (length !== undefined && length !== "0");
}

/**
 * Where the token stands among the raw headers; negative where there is none, or more than one. Unlike `headOf` it makes
 * nothing, for it is asked of every request.
 */
export function placeOfToken({ rawHeaders }: IncomingMessage): number {
  let place = NO_TOKEN;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (!isNameOfToken(name)) continue;
    if (place !== NO_TOKEN) return MANY_TOKENS;
    place = at;
  }
  return place;
}

export const NO_TOKEN = -1;
export const MANY_TOKENS = -2;

/** The token in a header; undefined for what is none. */
export function tokenIn(name: string, value: string): string | undefined {
  if (name.length === API_KEY.length) return value.trim() || undefined;
  return /^bearer +(\S+)$/i.exec(value)?.[1];
}

const AUTHORIZATION = "authorization";
const API_KEY = "x-api-key";

function isNameOfToken(name: string): boolean {
  const { length } = name;
  if (length !== AUTHORIZATION.length && length !== API_KEY.length) return false;
  const lower = name.toLowerCase();
  return lower === AUTHORIZATION || lower === API_KEY;
}
