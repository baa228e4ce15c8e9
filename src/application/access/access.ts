import {
  type AccessToken,
  type Asker,
  type Clock,
  EVERYTHING,
  isExpired,
  type NewTokenFields,
  parseNewToken,
  type Role,
  type Scope,
  type TokenCrypto,
  type TokenRepository,
  tokenNotFound,
} from "../../domain/index.ts";
import { type AuditTrail, audited, type Deed } from "../audit/audit-trail.ts";
import { idOfToken, tokenText } from "./token-text.ts";
import { TokensInForce } from "./tokens-in-force.ts";

/** Who asks. */
export interface Caller {
  /** The token's id; `env` for the one of the environment; null where the door is open. */
  readonly id: string | null;
  /** For people. */
  readonly name: string;
  readonly role: Role;
  readonly scope: Scope;
  /** Epoch milliseconds; null for what does not expire. */
  readonly expiresAt: number | null;
}

/** Why a token lets nobody in. `id` is the one that it claims, where it has the form of a token. */
export type TokenFault =
  | { readonly reason: "malformed" }
  | { readonly reason: "unknown" | "expired"; readonly id: string };

/** A token as it may be shown. */
export type ShownToken = Omit<AccessToken, "hash">;

/** A token that has just been made. */
export interface MadeToken extends ShownToken {
  /** What its holder sends. Shown this once; only its hash is kept. */
  readonly text: string;
}

/** Whoever asks while no token exists. */
export const OPEN_DOOR: Caller = {
  id: null,
  name: "nobody in particular",
  role: "admin",
  scope: EVERYTHING,
  expiresAt: null,
};

const ENVIRONMENT: Caller = { ...OPEN_DOOR, id: "env", name: "ADMIN_TOKEN" };

const ID_BYTES = 6;
const ID = /^[0-9a-f]{12}$/;
const SECRET_BYTES = 32;

/** What the pool needs from outside to know its callers. */
export interface AccessPorts {
  readonly tokens: TokenRepository;
  readonly crypto: TokenCrypto;
}

/** A token was made or revoked, and that is durable. */
export interface TokenChange {
  readonly action: "created" | "revoked";
  /** Null for the name of one that this process has not known. */
  readonly token: { readonly id: string; readonly name: string | null };
  readonly asker: Asker | undefined;
}

interface Parts extends AccessPorts {
  readonly clock: Clock;
  /** Lets its holder in as an admin while there is no admin's token in force. */
  readonly adminToken: string | undefined;
  readonly onChange: (change: TokenChange) => void;
  /** Default: nothing is written down. */
  readonly trail?: AuditTrail | undefined;
}

/**
 * Who may come in, and the tokens that say so. While no token exists and none is given in the environment, the door
 * is open. What is revoked here is refused at once; what another instance has revoked, after `load`.
 */
export class Access {
  readonly #parts: Parts;
  readonly #inForce = new TokensInForce();
  readonly #adminHash: string | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
    const { adminToken, crypto } = parts;
    this.#adminHash = adminToken === undefined ? undefined : crypto.hash(adminToken);
  }

  /** Whether anybody may come in as an admin. Also expired tokens and forged ones keep the door closed. */
  get isOpen(): boolean {
    return !this.#inForce.exist && this.#adminHash === undefined;
  }

  /** Ids of rows that somebody else has written into the storage. */
  get forged(): readonly string[] {
    return this.#inForce.forged;
  }

  /** Whose token this is, to the millisecond of its expiry. */
  identify(text: string): Caller | TokenFault {
    const { clock, crypto } = this.#parts;
    const hash = crypto.hash(text);
    const known = this.#inForce.find(hash);
    if (known === undefined) return this.#strangerWith(text, hash);
    const now = clock.now();
    if (isExpired(known.token, now)) return { reason: "expired", id: known.token.id };
    this.#inForce.use(known, now);
    return known.token;
  }

  /** Whether whom `identify` has found is let in still, to the millisecond; without looking at his token again. */
  isStillIn(caller: Caller): boolean {
    const { hash = "" } = caller as Partial<AccessToken>;
    const known = this.#inForce.find(hash);
    if (known?.token !== caller) return false;
    const now = this.#parts.clock.now();
    if (isExpired(known.token, now)) return false;
    this.#inForce.use(known, now);
    return true;
  }

  /** Whether this lets anybody in, or would at another time. */
  isToken(text: string): boolean {
    const { crypto } = this.#parts;
    const hash = crypto.hash(text);
    const isAdmin = this.#adminHash !== undefined && crypto.sameHash(this.#adminHash, hash);
    return isAdmin || this.#inForce.find(hash) !== undefined;
  }

  /** Makes a token; it is in force when this resolves. Throws `invalid_request`, `storage_unavailable`. */
  create(fields: NewTokenFields, asker?: Asker): Promise<MadeToken> {
    const { clock, crypto, tokens, onChange, trail } = this.#parts;
    const now = clock.now();
    const asked = parseNewToken(fields, now);
    return this.#inTurn(async () => {
      const id = crypto.random(ID_BYTES, "hex");
      const text = tokenText(id, crypto.random(SECRET_BYTES, "base64url"));
      const token = { id, ...asked, createdAt: now, lastUsedAt: null, hash: crypto.hash(text) };
      const after = { ...asked };
      await audited(trail, asker, { act: "create_token", subject: `token ${id}`, after }, () =>
        tokens.add(token),
      );
      this.#inForce.add(token);
      onChange({ action: "created", token, asker });
      return { ...withoutHash(token), text };
    });
  }

  /** All tokens that exist here, by creation. */
  list(): Promise<readonly ShownToken[]> {
    return this.#inTurn(async () => {
      this.#inForce.replace(await this.#parts.tokens.all());
      return this.#inForce.all.map(withoutHash);
    });
  }

  /** Refuses a token from now on. Throws `token_not_found`, `storage_unavailable`. */
  revoke(id: string, asker?: Asker): Promise<void> {
    const { tokens, onChange, trail } = this.#parts;
    return this.#inTurn(async () => {
      const { name = null } = this.#inForce.all.find((one) => one.id === id) ?? {};
      await audited(trail, asker, this.#revocationOf(id), async () => {
        // What was sent instead of an id may be a secret, which the storage could write into a log of its own.
        const wasThere = ID.test(id) && (await tokens.remove(id));
        this.#inForce.remove(id);
        if (!wasThere) throw tokenNotFound();
      });
      onChange({ action: "revoked", token: { id, name }, asker });
    });
  }

  /** Reads the tokens again. Rejects with `storage_unavailable`; those that were known stay in force then. */
  load(): Promise<void> {
    return this.#inTurn(async () => this.#inForce.replace(await this.#parts.tokens.all()));
  }

  /** Writes down which tokens were used, to the hour; answers how many. Rejects with `storage_unavailable`. */
  async writeUses(): Promise<number> {
    const uses = this.#inForce.takeUses();
    try {
      await this.#parts.tokens.touch(uses);
    } catch (error) {
      this.#inForce.returnUses(uses);
      throw error;
    }
    return uses.length;
  }

  #revocationOf(id: string): Deed {
    const token = this.#inForce.all.find((one) => one.id === id);
    // What was sent instead of an id may be a token.
    const subject = `token ${ID.test(id) ? id : "that is none"}`;
    if (token === undefined) return { act: "revoke_token", subject };
    const { name, role, expiresAt, scope } = token;
    return { act: "revoke_token", subject, before: { name, role, expiresAt, scope } };
  }

  /** Only here is the checksum looked at: it tells a typo, and a good token needs none. */
  #strangerWith(text: string, hash: string): Caller | TokenFault {
    const { clock, crypto } = this.#parts;
    const isAdmin = this.#adminHash !== undefined && crypto.sameHash(this.#adminHash, hash);
    if (isAdmin && !this.#inForce.hasAdmin(clock.now())) return ENVIRONMENT;
    const id = idOfToken(text);
    return id === undefined ? { reason: "malformed" } : { reason: "unknown", id };
  }

  /** One after the other, or a reading that began before a change would undo it. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(act, act);
    this.#last = mine;
    return mine;
  }
}

function withoutHash({ hash: _, ...shown }: AccessToken): ShownToken {
  return shown;
}
