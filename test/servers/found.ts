import { once } from "node:events";
import { createServer } from "node:net";

/** A server that tests may use, or the reason why there is none. */
export type Found<T> = { readonly server: T } | { readonly missing: string };

/** Where no test may be skipped, a missing server is a failure. */
export function required<T>(found: Found<T>): Found<T> {
  if ("missing" in found && process.env.CI === "true") throw new Error(`Tests need it: ${found.missing}`);
  return found;
}

/** A TCP port of 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
