import { POSTGRES_FAULTS } from "../fault.ts";
import { opening } from "../opening.ts";
import type { Sealing } from "../secrets/sealing.ts";
import type { SqlSession } from "../sql-session.ts";
import { type NativePool, rowsOf } from "./native-postgres.ts";
import { connect, migrate, openSecretsAlone, type PostgresUrl } from "./open-postgres.ts";

/** A session without time limits: copying a database may take long, and no hand-out waits for it. */
export async function openPostgresSession(
  { url, name }: PostgresUrl,
  sealing?: Sealing,
): Promise<SqlSession> {
  return opening(name, POSTGRES_FAULTS, async () => {
    const orm = await connect(url, {});
    const pool: NativePool = await orm.em.getConnection().getNativeClient();
    const connected = async () => {
      const secrets = await migrate(url, (sql) => openSecretsAlone(pool, name, sql, sealing));
      return { secrets, client: await pool.connect() };
    };
    const { secrets, client } = await connected().catch(async (error) => {
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
        await orm.close(true);
      },
    };
  });
}
