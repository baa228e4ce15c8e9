import { expect, it } from "vitest";
import { openDatabase } from "../../../../src/adapters/mikro-orm/open-database.ts";
import { openNative } from "../../../../src/adapters/mikro-orm/sqlite/native-sqlite.ts";
import type { KeyId } from "../../../../src/domain/index.ts";
import { rounds } from "../../../situations/long-run.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { ChildDatabase } from "./child-database.ts";

const ROUNDS = rounds(2, 25);

it("I6: an answered write survives kill -9, and the file stays whole", async () => {
  const file = `${temporaryFolder()}/keys.db`;
  const answered: string[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const child = new ChildDatabase(`sqlite:${file}`, "write");
    // Another point of the write-ahead log in each round, before and after checkpoints.
    await child.printed(1 + 331 * round);
    await child.kill();
    answered.push(...child.lines.filter((line) => line !== "open"));
    await expectHeld(file, answered);
  }
});

async function expectHeld(file: string, answered: readonly string[]): Promise<void> {
  const native = openNative(file, {});
  expect(native.pragma("integrity_check", { simple: true })).toBe("ok");
  const [lost] = native
    .prepare(`select (select count(*) from logs) - (select sum(total) from log_totals) as difference`)
    .all([]);
  expect(lost).toEqual({ difference: 0 });
  const notes = new Set(
    native
      .prepare("select note from logs")
      .all([])
      .map(({ note }) => note),
  );
  native.close();

  const database = await openDatabase({ url: `sqlite:${file}` });
  const secrets = new Map<KeyId, string>();
  const deadlines = new Map<KeyId, number>();
  for await (const chunk of database.keys.load()) {
    for (const { id, secret, standing } of chunk) {
      secrets.set(id, secret);
      deadlines.set(id, standing.cooldownUntil);
    }
  }
  await database.close();

  const missing = answered.filter((line) => {
    const [kind, id, ...rest] = line.split(" ");
    const what = rest.join(" ");
    if (kind === "added") return secrets.get(Number(id)) !== what || !notes.has(what);
    if (kind === "settled") return deadlines.get(Number(id)) !== Number(what);
    return !notes.has(what);
  });
  expect(missing).toEqual([]);
}
