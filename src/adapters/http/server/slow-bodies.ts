import type { IncomingMessage } from "node:http";

const slow = new WeakSet<IncomingMessage>();

/** Lets the body of a request take as long as any request may. */
export function allowSlowBody(req: IncomingMessage): void {
  slow.add(req);
}

export function mayBeSlow(req: IncomingMessage): boolean {
  return slow.has(req);
}
