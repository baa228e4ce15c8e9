export {
  type CopiedCodes,
  type CopyProgress,
  CopyRefused,
  type Counts,
  copyDatabase,
} from "./copy-database.ts";
export { DatabaseError, type DatabaseErrorCode } from "./database-error.ts";
export { type DatabaseUrl, parseDatabaseUrl } from "./database-url.ts";
export { type InspectedDatabase, inspectDatabase } from "./inspect-database.ts";
export type { OnMigrated } from "./migrated.ts";
export { FIRST_MIGRATION } from "./migrations/migrations.ts";
export { type Database, type DatabaseOptions, openDatabase } from "./open-database.ts";
export { openSession } from "./open-session.ts";
export type { OwnerLockState, UsedBy } from "./postgres/owner-lock.ts";
export { forgetOverwritten, replaceEnvelope, resealSecrets } from "./secrets/rotate.ts";
export type { OpenedSealing, SealedPlace, Sealing } from "./secrets/sealing.ts";
export { PLAIN_SECRETS } from "./secrets/secret-columns.ts";
export { atomically } from "./secrets/stage.ts";
export { appendAudit } from "./sql-audit.ts";
export type { SqlSession } from "./sql-session.ts";
export { type BackUp, backUpSqlite } from "./sqlite/back-up.ts";
export { NO_CODE } from "./token-row.ts";
