import { withoutValues } from "../fault.ts";
import type { SqlSession } from "../sql-session.ts";
import { type NativePool, nativeQuery } from "./native-postgres.ts";
import { connect, migrate } from "./open-postgres.ts";

/** A session without time limits: what it does may take long, and nobody waits for a hand-out. */
export async function openPostgresSession(url: string): Promise<SqlSession> {
  try {
    await migrate(url);
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
          return (await client.query(nativeQuery(sql, values))).rows;
        } catch (error) {
          throw withoutValues(error);
        }
      },
      close: async () => {
        // The server rolls back what a closed connection leaves.
        client.release(true);
        await orm.close(true);
      },
    };
  } catch (error) {
    throw withoutValues(error);
  }
}
