import { POSTGRES_FAULTS } from "../fault.ts";
import { opening } from "../opening.ts";
import { openSecrets } from "../secrets/open-secrets.ts";
import type { SqlSession } from "../sql-session.ts";
import { type NativePool, rowsOf } from "./native-postgres.ts";
import { connect, migrate, type PostgresUrl } from "./open-postgres.ts";

/** A session without time limits: copying a database may take long, and no hand-out waits for it. */
export async function openPostgresSession({ url, name }: PostgresUrl): Promise<SqlSession> {
  return opening(name, POSTGRES_FAULTS, async () => {
    await migrate(url, (sql) => openSecrets({ name, sql, at: { kind: "postgres" } }, undefined));
    const orm = await connect(url, {});
    const pool: NativePool = await orm.em.getConnection().getNativeClient();
    const client = await pool.connect().catch(async (error) => {
      await orm.close(true);
      throw error;
    });
    return {
      dialect: "postgres",
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
