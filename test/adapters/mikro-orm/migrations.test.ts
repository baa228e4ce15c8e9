import { Migrator } from "@mikro-orm/migrations";
import { MikroORM } from "@mikro-orm/sqlite";
import { expect, it, onTestFinished } from "vitest";
import { AuditHeadRow, AuditRow } from "../../../src/adapters/mikro-orm/audit-row.ts";
import { KeyRow } from "../../../src/adapters/mikro-orm/key-row.ts";
import { LogRow } from "../../../src/adapters/mikro-orm/log-row.ts";
import { MIGRATIONS } from "../../../src/adapters/mikro-orm/migrations/migrations.ts";
import { openDatabase } from "../../../src/adapters/mikro-orm/open-database.ts";
import { ORM_OPTIONS } from "../../../src/adapters/mikro-orm/orm-options.ts";
import { SettingRow } from "../../../src/adapters/mikro-orm/setting-row.ts";
import { openNative } from "../../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { TokenRow } from "../../../src/adapters/mikro-orm/token-row.ts";
import { cooling, keyDraft, logDraft } from "../../../src/testing/storage.ts";
import { temporaryFolder } from "./temporary-folder.ts";

it("run at the start, once, and leave the data alone", async () => {
  const url = `sqlite:${temporaryFolder()}/data/deep/keys.db`;
  const first = await openDatabase({ url });
  const { id } = await first.keys.add(keyDraft({ standing: cooling() }), logDraft({ action: "add_key" }));
  await first.keys.addUsage([{ id, uses: 2, errors: 1, lastUsedAt: 5 }]);
  const before = await first.keys.list({ service: "speech" }, 0);
  await first.close();

  for (const _ of [1, 2]) {
    const again = await openDatabase({ url });
    expect(await again.keys.list({ service: "speech" }, 0)).toEqual(before);
    expect((await again.log.list({ services: ["speech", null], offset: 0, limit: 9 })).total).toBe(1);
    await again.close();
  }
  const native = openNative(url.slice("sqlite:".length), {});
  onTestFinished(() => native.close());
  expect(native.prepare("select name from migrations").all([])).toEqual(
    MIGRATIONS.map(({ name }) => ({ name })),
  );
});

it.each([AuditHeadRow, AuditRow, KeyRow, LogRow, SettingRow, TokenRow])(
  "make the columns that the row describes: $meta.tableName",
  async (row) => {
    const orm = await MikroORM.init({ ...ORM_OPTIONS, extensions: [Migrator], dbName: ":memory:" });
    onTestFinished(() => orm.close());
    await orm.migrator.up();
    const { tableName, props } = orm.getMetadata().get(row.meta.class);
    const described = props.map(({ fieldNames, nullable, primary }) => ({
      name: fieldNames[0],
      required: primary || !nullable,
    }));
    const columns = await orm.em.execute<Column[]>(`pragma table_info(${tableName})`);
    const made = columns.map(({ name, notnull, pk }) => ({ name, required: notnull === 1 || pk > 0 }));
    expect(made).toEqual(described);
  },
);

interface Column {
  readonly name: string;
  readonly notnull: number;
  readonly pk: number;
}
