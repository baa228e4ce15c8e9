import { isLoopbackHost } from "./loopback.ts";
import { Refusal } from "./refusal.ts";
import type { RequestContext } from "./request-context.ts";
import type { RequestHead } from "./request-head.ts";

/** Whom the door is open to while no token exists. */
export type OpenTo =
  /** Programs of this machine that mean this server; no web page, and nothing that passes on what others ask. */
  | "loopback"
  /** Whoever reaches the address, but no web page of another site. */
  | "anyone"
  | "nobody";

/** Throws where a request through the open door is not one of those it is open to. */
export function checkOpenDoor(
  ctx: RequestContext,
  head: RequestHead,
  openTo: OpenTo,
  isTrustedProxy: boolean,
): void {
  const { hosts, origins, fetchSites } = head;
  const [host = ""] = hosts;
  if (hosts.length !== 1 || (openTo === "loopback" && !meansLoopback(ctx, host))) {
    throw new Refusal("misdirected", "While no token exists, only requests to localhost are answered");
  }
  if (head.isForwarded && !(openTo === "anyone" && isTrustedProxy)) {
    throw new Refusal("behind_proxy", "While no token exists, nothing that a proxy passes on is answered");
  }
  if (origins.some((origin) => !isOwn(origin, host)) || fetchSites.some((site) => !OWN_SITES.has(site))) {
    throw new Refusal("cross_site", "While no token exists, no page of another site is answered");
  }
  if (
    origins.length > 0 &&
    CHANGING.has(ctx.method) &&
    !/^application\/json\s*(;|$)/i.test(ctx.get("content-type"))
  ) {
    throw new Refusal("unsupported_media_type", "A page must send application/json, also without a body");
  }
}

/** `none` is what a person has typed. */
const OWN_SITES: ReadonlySet<string> = new Set(["same-origin", "none"]);

const CHANGING: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** A target that is a whole URL names the host as well. */
function meansLoopback({ originalUrl }: RequestContext, host: string): boolean {
  if (!isLoopbackHost(host)) return false;
  if (originalUrl.startsWith("/") || originalUrl === "*") return true;
  return isLoopbackHost(URL.parse(originalUrl)?.host ?? "");
}

function isOwn(origin: string, host: string): boolean {
  const url = URL.parse(origin);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return url.host === URL.parse(`${url.protocol}//${host}`)?.host;
}
