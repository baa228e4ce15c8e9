import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Access, Caller, TokenFault } from "../../../application/index.ts";
import { MANY_TOKENS, NO_TOKEN, placeOfToken, tokenIn } from "./request-head.ts";

/** Whoever showed a token that lets nobody in, and why it does not. */
export type TokenRefusal = TokenFault | { readonly reason: "unclear" };

interface Holder {
  readonly name: string;
  readonly value: string;
  readonly caller: Caller;
}

const UNCLEAR: TokenRefusal = { reason: "unclear" };

/**
 * Whose the tokens are that come with requests. The last good one of a connection is remembered for as long as that
 * lives: most callers send the same each time, and to hash it is most of what a token costs.
 */
export class TokenHolders {
  readonly #access: Access;
  readonly #last = new WeakMap<Socket, Holder>();

  constructor(access: Access) {
    this.#access = access;
  }

  /** Undefined for a request without a token. */
  of(req: IncomingMessage): Caller | TokenRefusal | undefined {
    const place = placeOfToken(req);
    if (place === NO_TOKEN) return undefined;
    if (place === MANY_TOKENS) return UNCLEAR;
    const [name, value] = [req.rawHeaders[place] as string, req.rawHeaders[place + 1] as string];
    const last = this.#last.get(req.socket);
    if (last?.value === value && last.name === name && this.#access.isStillIn(last.caller))
      return last.caller;
    const token = tokenIn(name, value);
    if (token === undefined) return UNCLEAR;
    const found = this.#access.identify(token);
    if (!("reason" in found)) this.#last.set(req.socket, { name, value, caller: found });
    return found;
  }
}
