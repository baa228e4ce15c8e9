import type { AccessToken, StoredTokens, TokenRepository, TokenUse } from "../../domain/index.ts";
import { InMemoryDatabase } from "./in-memory-database.ts";

/** Nobody else can write here, so no row is ever forged. */
export class InMemoryTokenRepository implements TokenRepository {
  readonly #database: InMemoryDatabase;

  constructor(database: InMemoryDatabase = new InMemoryDatabase()) {
    this.#database = database;
  }

  async all(): Promise<StoredTokens> {
    const tokens = [...this.#database.tokens.values()];
    tokens.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    return { tokens, forged: [] };
  }

  async add(token: AccessToken): Promise<void> {
    const { tokens } = this.#database;
    if (tokens.has(token.id)) throw new Error("There is a token with this id");
    tokens.set(token.id, token);
  }

  async remove(id: string): Promise<boolean> {
    return this.#database.tokens.delete(id);
  }

  async touch(uses: readonly TokenUse[]): Promise<void> {
    const { tokens } = this.#database;
    for (const { id, lastUsedAt } of uses) {
      const token = tokens.get(id);
      if (token && lastUsedAt > (token.lastUsedAt ?? -1)) tokens.set(id, { ...token, lastUsedAt });
    }
  }
}
