import type { AccessToken, Mac, StoredTokens, TokenRepository, TokenUse } from "../../domain/index.ts";
import { placeholders, type Script, type SqlDatabase } from "./sql-database.ts";
import { codedValues, readTokenRow, toAccessToken, toTokenRow, valuesOf } from "./token-row.ts";

const INSERT = `insert into tokens
  (id, name, role, scope, hash, created_at, expires_at, last_used, code) values (${placeholders(9)})`;
const DELETE = "delete from tokens where id = ? returning id";
const TOUCH = "update tokens set last_used = ? where id = ? and (last_used is null or last_used < ?)";

export class SqlTokenRepository implements TokenRepository {
  readonly #database: SqlDatabase;
  readonly #mac: Mac;

  constructor(database: SqlDatabase, mac: Mac) {
    this.#database = database;
    this.#mac = mac;
  }

  async all(): Promise<StoredTokens> {
    const rows = (await this.#database.read("select * from tokens", [])).map(readTokenRow);
    // Sorted here, because the databases order text differently.
    rows.sort((a, b) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1));
    const tokens: AccessToken[] = [];
    const forged: string[] = [];
    for (const row of rows) {
      const token = this.#mac.verify(codedValues(row), row.code) ? toAccessToken(row) : undefined;
      if (token) tokens.push(token);
      else forged.push(row.id);
    }
    return { tokens, forged };
  }

  async add(token: AccessToken): Promise<void> {
    const row = toTokenRow(token);
    const values = valuesOf({ ...row, code: this.#mac.of(codedValues(row)) });
    await this.#database.write(function* (): Script<void> {
      yield { sql: INSERT, values };
    });
  }

  remove(id: string): Promise<boolean> {
    return this.#database.write(function* (): Script<boolean> {
      const removed = yield { sql: DELETE, values: [id] };
      return removed.length > 0;
    });
  }

  async touch(uses: readonly TokenUse[]): Promise<void> {
    if (uses.length === 0) return;
    await this.#database.write(function* (): Script<void> {
      for (const { id, lastUsedAt } of uses) yield { sql: TOUCH, values: [lastUsedAt, id, lastUsedAt] };
    }, uses.length);
  }
}
