import { AuditHeadRow, AuditRow } from "./audit-row.ts";
import { KeyRow } from "./key-row.ts";
import { LogRow } from "./log-row.ts";
import { MIGRATIONS } from "./migrations/migrations.ts";
import { SettingRow } from "./setting-row.ts";
import { TokenRow } from "./token-row.ts";

/** Options of MikroORM for every database. */
export const ORM_OPTIONS = {
  entities: [AuditHeadRow, AuditRow, KeyRow, LogRow, SettingRow, TokenRow],
  migrations: { migrationsList: MIGRATIONS, tableName: "migrations", snapshot: false, silent: true },
  metadataCache: { enabled: false },
  // Faults reach the callers and the health check; MikroORM would also write them to the console.
  logger: () => {},
};
