import type {
  Audit,
  HealthIndicator,
  KeyRepository,
  Log,
  Mac,
  SettingRepository,
  TokenRepository,
} from "../../domain/index.ts";
import { type DatabaseUrl, parseDatabaseUrl } from "./database-url.ts";
import type { OnMigrated } from "./migrated.ts";
import type { OwnerLockState, UsedBy } from "./postgres/owner-lock.ts";
import type { Sealing } from "./secrets/sealing.ts";
import { SqlAudit } from "./sql-audit.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { SqlHealthIndicator } from "./sql-health-indicator.ts";
import { SqlKeyRepository } from "./sql-key-repository.ts";
import { SqlLog } from "./sql-log.ts";
import { SqlSettingRepository } from "./sql-setting-repository.ts";
import { SqlTokenRepository } from "./sql-token-repository.ts";
import { NO_CODE } from "./token-row.ts";

export interface DatabaseOptions {
  /** `sqlite:./data/keys.db` (relative or absolute), `sqlite::memory:` or `postgres://…`. */
  readonly url: string | DatabaseUrl;
  /** SQLite only: `full` survives a loss of power, at one fsync for each commit. Default `normal`. */
  readonly synchronous?: "normal" | "full";
  /** How long a caller waits for a write before `storage_unavailable`, in milliseconds. Default 5000. */
  readonly writeTimeoutMs?: number;
  /**
   * PostgreSQL only: whether this process has the database for itself (`one-process`), or shares it with others
   * that use the same shared cooldown store and news (`instances`). Neither opens beside the other.
   * SQLite always has one owner. Default `one-process`.
   */
  readonly usedBy?: UsedBy;
  /** PostgreSQL only: called when the lock of `usedBy` is lost, held again, or taken by another process. */
  readonly onOwnerLock?: (state: OwnerLockState) => void;
  /**
   * Seals the secrets. Those that are stored plain are sealed before the database is open, which may take a while.
   * Default: they are stored plain, and a database that was sealed once is refused.
   */
  readonly sealing?: Sealing;
  /** Called by the health check with the driver's own words for a fault, which it does not answer; once for each. */
  readonly onFault?: (detail: string) => void;
  /** Called with each transaction that was committed: about how many rows, and how many milliseconds it took. */
  readonly onCommit?: (rows: number, ms: number) => void;
  readonly onMigrated?: OnMigrated;
}

/** The storage ports over one database. */
export interface Database {
  readonly keys: KeyRepository;
  readonly log: Log;
  readonly settings: SettingRepository;
  /**
   * The tokens, each row under a code of this key. Default: without one, so that who can write the database can make
   * himself a token. A row that was written under another key, or none, lets nobody in.
   */
  tokensUnder(mac?: Mac): TokenRepository;
  /**
   * The audit, each row under a code of this key and of the row before. Default: without one, so that who can write the
   * database can change what it says.
   */
  auditUnder(mac?: Mac): Audit;
  readonly health: HealthIndicator;
  /** Commits what is queued, then closes. Later writes reject with `storage_unavailable`. */
  close(): Promise<void>;
}

/**
 * Opens a database and brings its schema up to date. Throws a `DatabaseError` when it does not open, a
 * `TypeError` for a URL it does not know, and what `sealing` throws.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, synchronous, writeTimeoutMs, usedBy, onOwnerLock, sealing, onFault, ...told } = options;
  const { onCommit, onMigrated } = told;
  const at = typeof url === "string" ? parseDatabaseUrl(url) : url;
  const common = {
    ...(writeTimeoutMs !== undefined && { writeTimeoutMs }),
    ...(sealing && { sealing }),
    ...(onCommit && { onCommit }),
    ...(onMigrated && { onMigrated }),
  };
  // Imported when needed, so that a driver that is not used does not have to be installed.
  if (at.kind === "postgres") {
    const { openPostgres } = await import("./postgres/open-postgres.ts");
    return adaptersOf(
      await openPostgres(at, { ...common, ...(usedBy && { usedBy }), ...(onOwnerLock && { onOwnerLock }) }),
      onFault,
    );
  }
  const { openSqlite } = await import("./sqlite/open-sqlite.ts");
  return adaptersOf(await openSqlite(at, { ...common, ...(synchronous && { synchronous }) }), onFault);
}

export function adaptersOf(database: SqlDatabase, onFault?: DatabaseOptions["onFault"]): Database {
  return {
    keys: new SqlKeyRepository(database),
    log: new SqlLog(database),
    settings: new SqlSettingRepository(database),
    tokensUnder: (mac = NO_CODE) => new SqlTokenRepository(database, mac),
    auditUnder: (mac = NO_CODE) => new SqlAudit(database, mac),
    health: new SqlHealthIndicator(database, onFault),
    close: () => database.close(),
  };
}
