import type { Caller, MadeToken, ShownToken } from "../../../application/index.ts";
import type { Role, Scope, Service } from "../../../domain/index.ts";
import { isoTime } from "../server/iso-time.ts";

/** Which keys a token is about; what is absent does not narrow it. */
export interface TokenScope {
  readonly services?: readonly Service[];
  readonly regions?: readonly string[];
  readonly tags?: readonly string[];
}

/** A token as an admin may see it. */
export interface ListedToken {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly scope: TokenScope;
  readonly created_at: string;
  readonly expires_at: string;
  /** To the hour. */
  readonly last_used: string | null;
}

/** A token that was just made. */
export interface NewToken extends ListedToken {
  /** What its holder sends; shown this once. */
  readonly token: string;
}

export interface RevokedToken {
  readonly id: string;
}

/** Who asks, as the server sees him. */
export interface Self {
  /** Null where no token is needed, `env` for the one of the server's environment. */
  readonly id: string | null;
  readonly name: string;
  readonly role: Role;
  readonly scope: TokenScope;
  readonly expires_at: string | null;
}

export function presentToken(token: ShownToken): ListedToken {
  const { id, name, role, scope, createdAt, expiresAt, lastUsedAt } = token;
  return {
    id,
    name,
    role,
    scope: presentScope(scope),
    created_at: isoTime(createdAt),
    expires_at: isoTime(expiresAt),
    last_used: lastUsedAt === null ? null : isoTime(lastUsedAt),
  };
}

export function presentNewToken(made: MadeToken): NewToken {
  return { ...presentToken(made), token: made.text };
}

export function presentSelf({ id, name, role, scope, expiresAt }: Caller): Self {
  const expires_at = expiresAt === null ? null : isoTime(expiresAt);
  return { id, name, role, scope: presentScope(scope), expires_at };
}

function presentScope({ services, regions, tags }: Scope): TokenScope {
  return { ...(services && { services }), ...(regions && { regions }), ...(tags && { tags }) };
}
