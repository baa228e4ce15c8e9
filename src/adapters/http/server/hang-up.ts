import type { Socket } from "node:net";
import type { RequestContext } from "./request-context.ts";

const signals = new WeakMap<Socket, AbortSignal>();

/**
 * Aborted when the caller's connection closes, whichever of its requests is being answered. One for each
 * connection, for the response to a request that others go before hears nothing of it.
 */
export function hangUpOf({ req: { socket } }: RequestContext): AbortSignal {
  let signal = signals.get(socket);
  if (signal === undefined) {
    const gone = new AbortController();
    signal = gone.signal;
    signals.set(socket, signal);
    const abort = () => gone.abort(hungUp());
    if (socket.destroyed) abort();
    else socket.once("close", abort);
  }
  return signal;
}

/** Runs once when the answer has been sent or the caller is gone. */
export function whenAnswered(ctx: RequestContext, run: () => void): void {
  const hangUp = hangUpOf(ctx);
  const end = () => {
    hangUp.removeEventListener("abort", end);
    ctx.res.off("close", end);
    run();
  };
  if (hangUp.aborted) {
    run();
    return;
  }
  hangUp.addEventListener("abort", end);
  ctx.res.on("close", end);
}

function hungUp(): Error {
  return Object.assign(new Error("The caller has hung up"), { code: "ECONNRESET" });
}
