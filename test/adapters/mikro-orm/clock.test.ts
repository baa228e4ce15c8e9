import { expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../../src/adapters/mikro-orm/open-database.ts";
import { openNative } from "../../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { cooling, keyDraft, NOON } from "../../../src/testing/storage.ts";
import { temporaryFolder } from "./temporary-folder.ts";

it("no instant comes from anywhere but the caller", async () => {
  const file = `${temporaryFolder()}/keys.db`;
  const { keys, close } = await openDatabase({ url: `sqlite:${file}` });
  const { id } = await keys.add(keyDraft({ createdAt: NOON }), null);
  await keys.describe(id, { name: "second" }, null);
  await keys.settle(id, cooling(NOON + 1), null);
  await close();
  const native = openNative(file, {});
  onTestFinished(() => native.close());
  const rows = native.prepare("select keyname, created_at, updated_at, cooldown_until from keys").all([]);
  expect(rows).toEqual([{ keyname: "second", created_at: NOON, updated_at: NOON, cooldown_until: NOON + 1 }]);
});
