import { Migrator } from "@mikro-orm/migrations";
import { MikroORM } from "@mikro-orm/postgresql";
import { DatabaseError } from "../database-error.ts";
import type { DatabaseUrl } from "../database-url.ts";
import { POSTGRES_FAULTS } from "../fault.ts";
import { GROUP_COMMIT_DEFAULTS, type GroupCommitOptions } from "../group-commit.ts";
import { namesOf, type OnMigrated } from "../migrated.ts";
import { opening } from "../opening.ts";
import { ORM_OPTIONS } from "../orm-options.ts";
import { needsSealing, openSecrets } from "../secrets/open-secrets.ts";
import type { Sealing } from "../secrets/sealing.ts";
import type { SecretColumns } from "../secrets/secret-columns.ts";
import type { Sql } from "../secrets/stage.ts";
import { type NativePool, rowsOf } from "./native-postgres.ts";
import { type OwnerLockState, PostgresOwnerLock, type UsedBy } from "./owner-lock.ts";
import { PostgresDatabase } from "./postgres-database.ts";

export type PostgresUrl = Extract<DatabaseUrl, { kind: "postgres" }>;

export interface PostgresOptions extends Partial<GroupCommitOptions> {
  readonly usedBy?: UsedBy;
  readonly onOwnerLock?: (state: OwnerLockState) => void;
  /** Seals the secrets. Default: they are stored plain. */
  readonly sealing?: Sealing;
  readonly onMigrated?: OnMigrated;
}

const CONNECT_TIMEOUT_MS = 3000;

/** Any number will do, as long as every instance takes the same. */
const MIGRATION_LOCK = 7_236_514_208;

const IN_USE: Readonly<Record<UsedBy, string>> = {
  "one-process":
    "another process has it open, and only processes that share their cooldowns over Redis (REDIS_URL) may share it",
  instances: "a process that does not share its cooldowns over Redis (REDIS_URL) has it open",
};

/** Connects, takes the database as `usedBy` says and brings its schema up to date. Throws a `DatabaseError`. */
export async function openPostgres(
  { url, name }: PostgresUrl,
  options: PostgresOptions = {},
): Promise<PostgresDatabase> {
  const { usedBy = "one-process", onOwnerLock, sealing, onMigrated, ...commit } = options;
  const { writeTimeoutMs = GROUP_COMMIT_DEFAULTS.writeTimeoutMs } = commit;
  return opening(name, POSTGRES_FAULTS, async () => {
    const orm = await connect(url, {
      statement_timeout: writeTimeoutMs,
      idle_in_transaction_session_timeout: writeTimeoutMs,
      // Longer than the server's own time-out, which leaves the connection usable.
      query_timeout: writeTimeoutMs + 1000,
    });
    let lock: PostgresOwnerLock | undefined;
    const release = async () => {
      lock?.release();
      await orm.close(true);
    };
    try {
      const pool: NativePool = await orm.em.getConnection().getNativeClient();
      const take = async () => {
        lock = await PostgresOwnerLock.take(pool, usedBy, onOwnerLock);
        if (!lock) throw new DatabaseError("in_use", `${name} is in use: ${IN_USE[usedBy]}`);
        return lock;
      };
      // Sealing needs the database for itself. It is taken inside of the migration, which others wait for that hold
      // nothing yet, so that instances that start together do not refuse each other.
      const held = sealing ? undefined : await take();
      const secrets = await migrate(
        url,
        async (sql) => {
          const secrets = await openSecretsAlone(pool, name, sql, sealing);
          if (!held) await take();
          return secrets;
        },
        onMigrated,
      );
      const parts = { pool, secrets, check: () => orm.checkConnection(), release };
      return new PostgresDatabase({ ...parts, lock: held ?? (lock as PostgresOwnerLock) }, commit);
    } catch (error) {
      await release();
      throw error;
    }
  });
}

/** Where secrets have to be sealed, takes the database for this process meanwhile. */
export async function openSecretsAlone(
  pool: NativePool,
  name: string,
  sql: Sql,
  sealing: Sealing | undefined,
): Promise<SecretColumns> {
  const open = () => openSecrets({ name, sql, at: { kind: "postgres" } }, sealing);
  if (!sealing || !(await needsSealing(sql, sealing))) return open();
  const lock = await PostgresOwnerLock.take(pool, "one-process");
  if (!lock) {
    throw new DatabaseError(
      "in_use",
      `${name} is in use: its secrets have to be sealed once, for which every other process that has it open must be stopped`,
    );
  }
  try {
    return await open();
  } finally {
    lock.release();
  }
}

/**
 * Brings the schema up to date on separate connections without a time limit: a migration may take long. `then` runs
 * before another process may migrate.
 */
export async function migrate<T>(
  url: string,
  then: (sql: Sql) => Promise<T>,
  onMigrated: OnMigrated = () => {},
): Promise<T> {
  const orm = await connect(url, {});
  try {
    const pool: NativePool = await orm.em.getConnection().getNativeClient();
    const client = await pool.connect();
    try {
      await client.query({ text: `select pg_advisory_lock(${MIGRATION_LOCK})` });
      onMigrated(namesOf(await orm.migrator.up()));
      return await then({
        dialect: "postgres",
        execute: (text, values = []) => rowsOf(client, text, values),
      });
    } finally {
      // Closing the connection releases the lock, also after a fault.
      client.release(true);
    }
  } finally {
    await orm.close(true);
  }
}

export function connect(url: string, timeouts: Readonly<Record<string, number>>) {
  return MikroORM.init({
    ...ORM_OPTIONS,
    extensions: [Migrator],
    clientUrl: url,
    // The driver reads the URL itself, because MikroORM leaves out parameters such as sslmode.
    driverOptions: {
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: "azure-key-pool",
      ...timeouts,
    },
  });
}
