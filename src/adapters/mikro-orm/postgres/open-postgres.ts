import { Migrator } from "@mikro-orm/migrations";
import { MikroORM } from "@mikro-orm/postgresql";
import type { DatabaseUrl } from "../database-url.ts";
import { POSTGRES_FAULTS } from "../fault.ts";
import { GROUP_COMMIT_DEFAULTS, type GroupCommitOptions } from "../group-commit.ts";
import { opening } from "../opening.ts";
import { ORM_OPTIONS } from "../orm-options.ts";
import type { NativePool } from "./native-postgres.ts";
import { PostgresDatabase } from "./postgres-database.ts";

export type PostgresUrl = Extract<DatabaseUrl, { kind: "postgres" }>;

const CONNECT_TIMEOUT_MS = 3000;

/** Any number will do, as long as every instance takes the same. */
const MIGRATION_LOCK = 7_236_514_208;

/** Connects and brings the schema up to date. Throws a `DatabaseError`. */
export async function openPostgres(
  { url, name }: PostgresUrl,
  options: Partial<GroupCommitOptions> = {},
): Promise<PostgresDatabase> {
  const { writeTimeoutMs = GROUP_COMMIT_DEFAULTS.writeTimeoutMs } = options;
  return opening(name, POSTGRES_FAULTS, async () => {
    const orm = await connect(url, {
      statement_timeout: writeTimeoutMs,
      idle_in_transaction_session_timeout: writeTimeoutMs,
      // Later than the server's own, which leaves the connection usable.
      query_timeout: writeTimeoutMs + 1000,
    });
    const release = () => orm.close(true);
    try {
      const pool: NativePool = await orm.em.getConnection().getNativeClient();
      await migrate(url);
      return new PostgresDatabase({ pool, check: () => orm.checkConnection(), release }, options);
    } catch (error) {
      await release();
      throw error;
    }
  });
}

/** Brings the schema up to date on connections of its own: a migration may take longer than other statements. */
export async function migrate(url: string): Promise<void> {
  const orm = await connect(url, {});
  try {
    const pool: NativePool = await orm.em.getConnection().getNativeClient();
    const client = await pool.connect();
    try {
      await client.query({ text: `select pg_advisory_lock(${MIGRATION_LOCK})` });
      await orm.migrator.up();
    } finally {
      // Closing the connection gives the lock back, whatever state it is in.
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
    // The driver reads the URL itself, for what MikroORM leaves out of it, such as sslmode.
    driverOptions: {
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: "azure-key-pool",
      ...timeouts,
    },
  });
}
