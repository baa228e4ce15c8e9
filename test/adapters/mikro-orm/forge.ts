import { createSecretKey } from "node:crypto";
import { AuditRow, toAuditEntry, toAuditValues } from "../../../src/adapters/mikro-orm/audit-row.ts";
import type { SqlDatabase } from "../../../src/adapters/mikro-orm/sql-database.ts";
import { toTokenRow } from "../../../src/adapters/mikro-orm/token-row.ts";
import { Hmac } from "../../../src/adapters/sealing/index.ts";
import type { AccessToken, AuditEntry, Mac } from "../../../src/domain/index.ts";
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

/** Changes a row of the audit, or takes it away, and leaves its code as it was. */
export function tamperIn(database: SqlDatabase) {
  return (sequence: number, change: Partial<AuditEntry> | "take away"): Promise<void> =>
    database.write(function* () {
      const where = "where sequence = ?";
      if (change === "take away") {
        yield { sql: `delete from audit ${where}`, values: [sequence] };
        return;
      }
      const [row] = yield { sql: `select * from audit ${where}`, values: [sequence] };
      const names = Object.keys(AuditRow.meta.properties);
      const values = toAuditValues({ ...toAuditEntry(row as NonNullable<typeof row>), ...change });
      const sql = `update audit set ${names.map((name) => `${name} = ?`).join(", ")} ${where}`;
      yield { sql, values: [...values, sequence] };
    });
}
