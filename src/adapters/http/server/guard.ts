import type { IncomingMessage } from "node:http";
import type { BlockList, Socket } from "node:net";
import type { Logger } from "pino";
import { type Access, type Caller, OPEN_DOOR } from "../../../application/index.ts";
import {
  type Asker,
  type Clock,
  isEverything,
  mayActAs,
  OPEN_DOOR_ID,
  type Scope,
} from "../../../domain/index.ts";
import { type Attempt, FailedAttempts } from "./failed-attempts.ts";
import type { HttpMetrics } from "./http-metrics.ts";
import { addressOf, isFromTrusted, neighbourhood, readNetworks } from "./networks.ts";
import { checkOpenDoor, type OpenTo } from "./open-door.ts";
import { Refusal } from "./refusal.ts";
import type { RequestContext } from "./request-context.ts";
import { announcesBody, headOf } from "./request-head.ts";
import type { RouteContract } from "./route.ts";
import { TokenHolders, type TokenRefusal } from "./token-holders.ts";

export interface GuardOptions {
  /**
   * Whom the door is open to while no token exists, or the pool has no `access` at all. Default: `loopback`, the one
   * that is safe behind any address. An app that is mounted in a server which knows its callers takes `anyone`.
   */
  readonly openTo?: OpenTo;
  /**
   * Networks of proxies, such as `10.0.0.0/8`, whose `X-Forwarded-For` says from where failed attempts come. Default:
   * none.
   */
  readonly trustProxy?: readonly string[];
}

interface Parts extends GuardOptions {
  readonly access: Access | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: HttpMetrics | undefined;
}

type Wanted = Pick<RouteContract, "role" | "global" | "needsToken">;

/** After so many requests of strangers a connection is closed. */
const MOST_REFUSED = 8;

/** Says of each request whether its caller may, before anything else is said of it. */
export class Guard {
  readonly #parts: Parts;
  readonly #openTo: OpenTo;
  readonly #trusted: BlockList;
  readonly #holders: TokenHolders | undefined;
  readonly #attempts = new FailedAttempts();
  readonly #refusals = new FailedAttempts();
  readonly #refused = new WeakMap<Socket, number>();
  /** In epoch milliseconds. */
  #repeatedUntil = 0;

  readonly #addressOf = ({ req }: RequestContext) => addressOf(req, this.#trusted);

  /** Throws a `TypeError` for a network that is none. */
  constructor(parts: Parts) {
    this.#parts = parts;
    this.#openTo = parts.openTo ?? "loopback";
    this.#trusted = readNetworks(parts.trustProxy ?? []);
    this.#holders = parts.access && new TokenHolders(parts.access);
  }

  /** Whether a good token came with the request, or none is asked for. The `admit` that comes next need not look again. */
  knows({ req, state }: RequestContext): boolean {
    const holders = this.#holdersIfClosed();
    if (holders === undefined) return true;
    const found = holders.of(req);
    if (found === undefined || "reason" in found) return false;
    state.known = found;
    return true;
  }

  /**
   * Notes in `ctx.state.caller` who calls; nobody there is somebody without a token, where anyone may call. Throws
   * `unauthorized`, `forbidden`, `token_required`, `too_many_attempts`, and through the open door `misdirected`, `cross_site`,
   * `behind_proxy` and `unsupported_media_type`.
   */
  admit(ctx: RequestContext, contract: Wanted): void {
    try {
      this.#admit(ctx, contract);
    } catch (error) {
      const isOfStranger = ctx.state.caller === undefined;
      if (isOfStranger) this.#noteRefusal(ctx);
      // Nobody will read what comes.
      if (isOfStranger ? this.isLastFor(ctx.req) : announcesBody(ctx.req)) ctx.set("Connection", "close");
      throw error;
    }
  }

  /** Whether in this minute some address may have been refused too often. */
  get hasRepeated(): boolean {
    return this.#parts.clock.now() < this.#repeatedUntil;
  }

  /**
   * How a stranger is refused who is to be told what his address has been told too often in this minute, of which nothing
   * is new to the log. Undefined for everyone else.
   */
  refusalByRote(req: IncomingMessage): Refusal | undefined {
    const { clock, metrics } = this.#parts;
    const now = clock.now();
    const address = neighbourhood(addressOf(req, this.#trusted));
    const holders = this.#holdersIfClosed();
    if (holders === undefined || !this.#refusals.wereTooMany(address, now)) return undefined;
    const found = holders.of(req);
    if (found === undefined) {
      this.#refusals.note(address, now);
      return needed();
    }
    if (!("reason" in found && this.#attempts.wereTooMany(address, now))) return undefined;
    metrics?.tokenRefused(found.reason);
    this.#refusals.note(address, now);
    return tooManyAttempts(this.#attempts.note(address, now));
  }

  /** A few of each address and minute are logged: a line costs as much as the refusal. */
  #noteRefusal({ req, state }: RequestContext): void {
    const address = neighbourhood(addressOf(req, this.#trusted));
    const now = this.#parts.clock.now();
    const { retryAfterSeconds } = this.#refusals.note(address, now);
    if (retryAfterSeconds === 0) return;
    state.isRepeated = true;
    this.#repeatedUntil = now + retryAfterSeconds * 1000;
  }

  /**
   * Whether a connection is closed behind this refusal of a stranger: nobody will read a body that comes, and what has
   * been sent behind the last of so many, down a pipeline, is not answered.
   */
  isLastFor(req: IncomingMessage): boolean {
    const refused = (this.#refused.get(req.socket) ?? 0) + 1;
    this.#refused.set(req.socket, refused);
    return refused >= MOST_REFUSED || announcesBody(req);
  }

  #admit(ctx: RequestContext, { role, global = false, needsToken = false }: Wanted): void {
    const caller = this.#callerOf(ctx, role === "anyone");
    ctx.state.caller = caller;
    ctx.state.addressOf = this.#addressOf;
    if (caller === OPEN_DOOR && needsToken) {
      throw new Refusal("token_required", "This is only for who shows a token; make one first");
    }
    if (role === "anyone" || caller === OPEN_DOOR) return;
    if (caller === undefined) throw needed();
    if (role !== "any role" && !mayActAs(caller.role, role)) {
      throw new Refusal("forbidden", `The role ${caller.role} may not do this`);
    }
    if (global && !isEverything(caller.scope)) {
      throw new Refusal("forbidden", "A token with a scope may not do this");
    }
  }

  #callerOf(ctx: RequestContext, mayBeNobody: boolean): Caller | undefined {
    const { known } = ctx.state;
    if (known !== undefined) {
      ctx.state.known = undefined;
      return known;
    }
    const holders = this.#holdersIfClosed();
    if (holders !== undefined) {
      const found = holders.of(ctx.req);
      return found && "reason" in found ? this.#refuse(ctx, found, mayBeNobody) : found;
    }
    const head = headOf(ctx.req);
    if (this.#openTo === "nobody") {
      if (mayBeNobody) return undefined;
      throw unauthorized("No token exists yet, and without one only loopback addresses are served");
    }
    checkOpenDoor(ctx, head, this.#openTo, head.isForwarded && isFromTrusted(ctx.req, this.#trusted));
    return OPEN_DOOR;
  }

  /** Whom tokens are of; undefined while the door is open. */
  #holdersIfClosed(): TokenHolders | undefined {
    return this.#parts.access?.isOpen === false ? this.#holders : undefined;
  }

  #refuse({ req, state }: RequestContext, found: TokenRefusal, mayBeNobody: boolean): undefined {
    const { clock, log, metrics } = this.#parts;
    metrics?.tokenRefused(found.reason);
    const address = neighbourhood(addressOf(req, this.#trusted));
    const attempt = this.#attempts.note(address, clock.now());
    if (attempt.isFirst) log.warn({ requestId: state.requestId, address, ...found }, "a token was refused");
    if (mayBeNobody) return undefined;
    if (attempt.retryAfterSeconds === 0) throw unauthorized(REASONS[found.reason]);
    state.isRepeated = true;
    throw tooManyAttempts(attempt);
  }
}

// Whether a token has expired or never was is nobody's business but its holder's, who can ask an admin.
const REASONS = {
  malformed: "This is not a token; look for a typo",
  unknown: "The token is not valid",
  expired: "The token is not valid",
  unclear: "One token is needed, as Authorization: Bearer or as X-API-Key, and sent once",
} as const;

function needed(): Refusal {
  return unauthorized("A token is needed");
}

function tooManyAttempts({ retryAfterSeconds }: Attempt): Refusal {
  const headers = { "Retry-After": String(retryAfterSeconds), Connection: "close" };
  return new Refusal("too_many_attempts", "Too many bad tokens came from this address", headers);
}

function unauthorized(message: string): Refusal {
  return new Refusal("unauthorized", message, { "WWW-Authenticate": "Bearer" });
}

/** Who calls, on a route that is not for anyone. */
export function callerOf({ state: { caller } }: RequestContext): Caller {
  if (caller === undefined) throw new Error("A route for known callers was reached by somebody unknown");
  return caller;
}

/** Who calls, as the audit names him. */
export function askerOf(ctx: RequestContext): Asker {
  const { id, name, role } = callerOf(ctx);
  const address = ctx.state.addressOf?.(ctx) || null;
  return { actor: { id: id ?? OPEN_DOOR_ID, name, role }, address, requestId: ctx.state.requestId };
}

/** The token that the budgets of clients are for; undefined for every other caller. */
export function clientOf({ state: { caller } }: RequestContext): string | undefined {
  return caller?.role === "client" ? (caller.id ?? undefined) : undefined;
}

/** The token that a report is logged under; undefined where none is needed. */
export function actorOf({ state: { caller } }: RequestContext): string | undefined {
  return caller?.id ?? undefined;
}

/** The scope of who calls; undefined when it is every key. */
export function scopeOf({ state: { caller } }: RequestContext): Scope | undefined {
  return caller === undefined || isEverything(caller.scope) ? undefined : caller.scope;
}
