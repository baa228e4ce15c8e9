import type { Database } from "../adapters/mikro-orm/index.ts";
import type { TokenRepository } from "../domain/index.ts";

/** The tokens in a database, for the server and for the command that makes them. */
export function tokensOf(database: Database): TokenRepository {
  return database.tokensUnder();
}
