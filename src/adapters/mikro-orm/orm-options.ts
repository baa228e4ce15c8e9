import { KeyRow } from "./key-row.ts";
import { LogRow } from "./log-row.ts";
import { MIGRATIONS } from "./migrations/migrations.ts";
import { SettingRow } from "./setting-row.ts";

/** What MikroORM gets whatever the database. */
export const ORM_OPTIONS = {
  entities: [KeyRow, LogRow, SettingRow],
  migrations: { migrationsList: MIGRATIONS, tableName: "migrations", snapshot: false, silent: true },
  metadataCache: { enabled: false },
  // What goes wrong reaches the callers and the health check; MikroORM would write it to the console as well.
  logger: () => {},
};
