import type { IncomingMessage } from "node:http";

/** What the guard reads of a request's head: each field as often as it was sent, which Node's own view hides. */
export interface RequestHead {
  readonly hosts: readonly string[];
  readonly authorizations: readonly string[];
  readonly apiKeys: readonly string[];
  readonly origins: readonly string[];
  readonly fetchSites: readonly string[];
  /** Whether something between says that it has passed the request on. */
  readonly isForwarded: boolean;
}

/** Shared, for most requests have but a host, and what a hot one allocates is most of its cost. */
const NONE: string[] = [];

export function headOf({ rawHeaders }: IncomingMessage): RequestHead {
  let hosts = NONE;
  let authorizations = NONE;
  let apiKeys = NONE;
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
      case "authorization":
        authorizations = add(authorizations, value);
        break;
      case "x-api-key":
        apiKeys = add(apiKeys, value);
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
  return { hosts, authorizations, apiKeys, origins, fetchSites, isForwarded };
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

/** The token that was sent; undefined when there was none, and for what is not one token sent once. */
export function tokenIn({ authorizations, apiKeys }: RequestHead): string | "none" | "unclear" {
  const sent = authorizations.length + apiKeys.length;
  if (sent === 0) return "none";
  if (sent > 1) return "unclear";
  const [key] = apiKeys;
  if (key !== undefined) return key.trim() || "unclear";
  return /^bearer +(\S+)$/i.exec(authorizations[0] as string)?.[1] ?? "unclear";
}
