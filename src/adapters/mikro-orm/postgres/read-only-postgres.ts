import { POSTGRES_FAULTS } from "../fault.ts";
import { opening } from "../opening.ts";
import type { ReadOnlySql } from "../read-only-database.ts";
import { type NativePool, rowsOf } from "./native-postgres.ts";
import { connect, type PostgresUrl } from "./open-postgres.ts";

/** Throws a `DatabaseError`. */
export function openReadOnlyPostgres({ url, name }: PostgresUrl): Promise<ReadOnlySql> {
  return opening(name, POSTGRES_FAULTS, async () => {
    const orm = await connect(url, {});
    try {
      const pool: NativePool = await orm.em.getConnection().getNativeClient();
      const client = await pool.connect();
      await client.query({ text: "set session characteristics as transaction read only" });
      return {
        dialect: "postgres",
        file: undefined,
        execute: async (text, values = []) => {
          try {
            return await rowsOf(client, text, values);
          } catch (error) {
            throw POSTGRES_FAULTS.cleaned(error);
          }
        },
        close: async () => {
          // Closed, not given back: it would stay read-only for whoever gets it next.
          client.release(true);
          await orm.close(true);
        },
      };
    } catch (error) {
      await orm.close(true);
      throw error;
    }
  });
}
