import { createSecretKey } from "node:crypto";
import type { SqlDatabase } from "../../../src/adapters/mikro-orm/sql-database.ts";
import { toTokenRow } from "../../../src/adapters/mikro-orm/token-row.ts";
import { Hmac } from "../../../src/adapters/sealing/index.ts";
import type { AccessToken, Mac } from "../../../src/domain/index.ts";
import { accessToken } from "../../../src/testing/token-repository.ts";

export function codeOf(key: string): Mac {
  return new Hmac(createSecretKey(Buffer.from(key)));
}

/** Writes into the table what was never signed. */
export function forgeIn(database: SqlDatabase) {
  return (id: string, changes: Partial<AccessToken>): Promise<void> =>
    database.write(function* () {
      const row = toTokenRow(accessToken({ id, ...changes }));
      const names = Object.keys(row);
      const sql = `update tokens set ${names.map((name) => `${name} = ?`).join(", ")} where id = ?`;
      yield { sql, values: [...Object.values(row).map((value) => value ?? null), id] };
    });
}
