import { Migrator } from "@mikro-orm/migrations";
import { MikroORM } from "@mikro-orm/postgresql";
import { withoutValues } from "../fault.ts";
import type { GroupCommitOptions } from "../group-commit.ts";
import { GROUP_COMMIT_DEFAULTS } from "../group-commit.ts";
import { ORM_OPTIONS } from "../orm-options.ts";
import type { NativePool } from "./native-postgres.ts";
import { PostgresDatabase } from "./postgres-database.ts";

const CONNECT_TIMEOUT_MS = 3000;

/** Any number will do, as long as every instance takes the same. */
const MIGRATION_LOCK = 7_236_514_208;

/** Connects and brings the schema up to date. Any number of instances may share the database. */
export async function openPostgres(
  url: string,
  options: Partial<GroupCommitOptions> = {},
): Promise<PostgresDatabase> {
  const { writeTimeoutMs = GROUP_COMMIT_DEFAULTS.writeTimeoutMs } = options;
  try {
    await migrate(url);
    const orm = await connect(url, {
      statement_timeout: writeTimeoutMs,
      idle_in_transaction_session_timeout: writeTimeoutMs,
      // Later than the server's own, which leaves the connection usable.
      query_timeout: writeTimeoutMs + 1000,
    });
    const pool: NativePool = await orm.em.getConnection().getNativeClient();
    return new PostgresDatabase(pool, () => orm.close(true), options);
  } catch (error) {
    throw withoutValues(error);
  }
}

/** On connections of its own, because a migration may take longer than any other statement. */
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
