import { DatabaseError } from "../database-error.ts";
import { POSTGRES_FAULTS } from "../fault.ts";
import type { OnMigrated } from "../migrated.ts";
import { opening } from "../opening.ts";
import type { Sealing } from "../secrets/sealing.ts";
import type { SqlSession } from "../sql-session.ts";
import { type NativePool, rowsOf } from "./native-postgres.ts";
import { connect, migrate, openSecretsAlone, type PostgresUrl } from "./open-postgres.ts";
import { PostgresOwnerLock } from "./owner-lock.ts";

/** A session without time limits: copying a database may take long, and no hand-out waits for it. */
export async function openPostgresSession(
  { url, name }: PostgresUrl,
  sealing?: Sealing,
  { alone = false, onMigrated }: { readonly alone?: boolean; readonly onMigrated?: OnMigrated } = {},
): Promise<SqlSession> {
  return opening(name, POSTGRES_FAULTS, async () => {
    const orm = await connect(url, {});
    const pool: NativePool = await orm.em.getConnection().getNativeClient();
    let lock: PostgresOwnerLock | undefined;
    const connected = async () => {
      const secrets = await migrate(url, (sql) => openSecretsAlone(pool, name, sql, sealing), onMigrated);
      if (alone) {
        lock = await PostgresOwnerLock.take(pool, "one-process");
        if (!lock) throw new DatabaseError("in_use", `${name} is in use: another process has it open`);
      }
      return { secrets, client: await pool.connect() };
    };
    const { secrets, client } = await connected().catch(async (error) => {
      lock?.release();
      await orm.close(true);
      throw error;
    });
    return {
      dialect: "postgres",
      secrets,
      execute: async (sql, values = []) => {
        try {
          return await rowsOf(client, sql, values);
        } catch (error) {
          throw POSTGRES_FAULTS.cleaned(error);
        }
      },
      close: async () => {
        // The server rolls back when the connection closes.
        client.release(true);
        lock?.release();
        await orm.close(true);
      },
    };
  });
}
