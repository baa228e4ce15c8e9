import { expect, it, onTestFinished } from "vitest";
import { BackgroundConnection } from "../../../../src/adapters/mikro-orm/sqlite/background-connection.ts";
import { openNative } from "../../../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import { temporaryFolder } from "../temporary-folder.ts";

function openFile() {
  const file = `${temporaryFolder()}/notes.db`;
  const native = openNative(file, {});
  onTestFinished(() => native.close());
  native.exec("create table notes (text)");
  return { native, connection: new BackgroundConnection(file) };
}

it("a thread that has not started yet is ended once it has, and does nothing that waits", async () => {
  const { native, connection } = openFile();
  const waiting = [1, 2].map((n) => connection.execute("insert into notes values (?)", [n]));
  const told = Promise.allSettled(waiting);
  await connection.close();
  for (const answer of await told)
    expect(answer).toMatchObject({ reason: new Error("The database is closed") });
  await expect(connection.execute("select 1", [])).rejects.toThrow("The database is closed");
  expect(native.prepare("select * from notes").all([])).toEqual([]);
});

it("a thread that has worked is ended, whether or not it is asked twice", async () => {
  const { connection } = openFile();
  await connection.close();
  await connection.close();
  const other = openFile();
  expect(await other.connection.execute("select count(*) as count from notes", [])).toEqual([{ count: 0 }]);
  await Promise.all([other.connection.close(), other.connection.close()]);
});

it("a thread that cannot open its file is told of, and has nothing to end", async () => {
  const connection = new BackgroundConnection("/nowhere/at-all.db");
  await expect(connection.execute("select 1", [])).rejects.toThrow();
  await connection.close();
  const closedAtOnce = new BackgroundConnection("/nowhere/at-all.db");
  closedAtOnce.start();
  await closedAtOnce.close();
});
