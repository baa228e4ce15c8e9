import type { OnMigrated } from "../migrated.ts";
import type { Sealing } from "../secrets/sealing.ts";
import type { SqlSession } from "../sql-session.ts";
import type { NativeSqlite } from "./native-sqlite.ts";
import { openSqlite, type SqliteUrl } from "./open-sqlite.ts";
import { PreparedStatements } from "./prepared-statements.ts";

export async function openSqliteSession(
  url: SqliteUrl,
  sealing?: Sealing,
  onMigrated?: OnMigrated,
): Promise<SqlSession> {
  const natives: NativeSqlite[] = [];
  const database = await openSqlite(url, {
    ...(sealing && { sealing }),
    ...(onMigrated && { onMigrated }),
    onConnect: (native) => natives.push(native),
  });
  const native = natives[0] as NativeSqlite;
  const statements = new PreparedStatements(native);
  return {
    dialect: "sqlite",
    secrets: database.secrets,
    execute: async (sql, values = []) => statements.execute(sql, values),
    close: async () => {
      if (native.inTransaction) native.exec("rollback");
      await database.close();
    },
  };
}
