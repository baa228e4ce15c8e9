import type { Database } from "../adapters/mikro-orm/index.ts";
import type { Audit, TokenRepository } from "../domain/index.ts";
import type { OpenSealing } from "./open-sealing.ts";

/** The tokens in a database, for the server and for the command that makes them. */
export function tokensOf(database: Database, sealing: OpenSealing): TokenRepository {
  return database.tokensUnder(sealing.macOf("token"));
}

/** The audit in a database, for the same two. */
export function auditOf(database: Database, sealing: OpenSealing): Audit {
  return database.auditUnder(sealing.macOf("audit"));
}
