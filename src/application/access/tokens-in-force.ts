import {
  type AccessToken,
  isEverything,
  isExpired,
  type StoredTokens,
  type TokenUse,
} from "../../domain/index.ts";

const HOUR_MS = 3_600_000;

export interface KnownToken {
  readonly token: AccessToken;
  /** The start of the hour in which it was last used. */
  lastUsedAt: number | null;
}

/** The tokens that this process lets in, found by their hash. */
export class TokensInForce {
  #byHash = new Map<string, KnownToken>();
  #forged: readonly string[] = [];
  /** Tokens whose last use is not written yet. */
  readonly #used = new Set<KnownToken>();

  /** Whether any token exists, whether or not it lets anybody in. */
  get exist(): boolean {
    return this.#byHash.size > 0 || this.#forged.length > 0;
  }

  get all(): readonly AccessToken[] {
    return Array.from(this.#byHash.values(), ({ token, lastUsedAt }) => ({ ...token, lastUsedAt }));
  }

  /** Ids of what somebody else has written into the storage. */
  get forged(): readonly string[] {
    return this.#forged;
  }

  /** Whether somebody may make and revoke tokens at the instant `now`. */
  hasAdmin(now: number): boolean {
    for (const { token } of this.#byHash.values()) {
      if (token.role === "admin" && isEverything(token.scope) && !isExpired(token, now)) return true;
    }
    return false;
  }

  replace({ tokens, forged }: StoredTokens): void {
    const before = this.#byHash;
    const unwritten = new Set(Array.from(this.#used, ({ token }) => token.id));
    this.#byHash = new Map();
    this.#used.clear();
    for (const token of tokens) {
      const known = {
        token,
        lastUsedAt: later(token.lastUsedAt, before.get(token.hash)?.lastUsedAt ?? null),
      };
      this.#byHash.set(token.hash, known);
      if (unwritten.has(token.id)) this.#used.add(known);
    }
    this.#forged = forged;
  }

  add(token: AccessToken): void {
    this.#byHash.set(token.hash, { token, lastUsedAt: token.lastUsedAt });
  }

  remove(id: string): void {
    for (const [hash, known] of this.#byHash) {
      if (known.token.id !== id) continue;
      this.#byHash.delete(hash);
      this.#used.delete(known);
    }
    this.#forged = this.#forged.filter((one) => one !== id);
  }

  /** The token with this hash, expired or not. */
  find(hash: string): KnownToken | undefined {
    return this.#byHash.get(hash);
  }

  /** Notes that a token is used at the instant `now`. */
  use(known: KnownToken, now: number): void {
    if (known.lastUsedAt !== null && now - known.lastUsedAt < HOUR_MS) return;
    known.lastUsedAt = now - (now % HOUR_MS);
    this.#used.add(known);
  }

  /** The uses that are not written yet; from now on they count as written. */
  takeUses(): readonly TokenUse[] {
    const uses = Array.from(this.#used, ({ token, lastUsedAt }) => ({
      id: token.id,
      lastUsedAt: lastUsedAt ?? 0,
    }));
    this.#used.clear();
    return uses;
  }

  /** Puts uses back that could not be written. */
  returnUses(uses: readonly TokenUse[]): void {
    const ids = new Set(uses.map(({ id }) => id));
    for (const known of this.#byHash.values()) if (ids.has(known.token.id)) this.#used.add(known);
  }
}

function later(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
