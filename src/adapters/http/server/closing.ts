import type { Socket } from "node:net";
import type { RequestContext } from "./request-context.ts";

const signals = new WeakMap<Socket, AbortSignal>();

/** Says which signal is aborted when the server of this connection begins to close. */
export function closesWith(socket: Socket, signal: AbortSignal): void {
  signals.set(socket, signal);
}

/**
 * Aborted when the server begins to close: what would go on for ever has to end then. Undefined in a server that `listen`
 * has not made.
 */
export function closingOf({ req: { socket } }: RequestContext): AbortSignal | undefined {
  return signals.get(socket);
}
