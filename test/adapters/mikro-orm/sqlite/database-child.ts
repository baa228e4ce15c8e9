import { writeSync } from "node:fs";
import { openDatabase } from "../../../../src/adapters/mikro-orm/open-database.ts";
import { cooling, keyDraft, logDraft, NOON } from "../../../../src/testing/storage.ts";

// Opens the database and says so; with `write`, then writes without end and prints what was answered.
const [url = "", mode = "hold"] = process.argv.slice(2);

try {
  const { keys, log } = await openDatabase({ url });
  writeSync(1, "open\n");
  if (mode === "hold") setInterval(() => {}, 1000);
  else await Promise.all(Array.from({ length: 20 }, (_, writer) => writeForEver(writer)));

  async function writeForEver(writer: number): Promise<void> {
    for (let n = 0; ; n++) {
      const secret = `${process.pid}-${writer}-${n}`;
      const { id } = await keys.add(keyDraft({ secret }), logDraft({ action: "add_key", note: secret }));
      writeSync(1, `added ${id} ${secret}\n`);
      await keys.settle(id, cooling(NOON + n), logDraft({ keyId: id, action: "cooldown_start" }));
      writeSync(1, `settled ${id} ${NOON + n}\n`);
      await log.append(logDraft({ note: `report ${secret}` }));
      writeSync(1, `logged 0 report ${secret}\n`);
    }
  }
} catch (error) {
  writeSync(1, `failed ${(error as Error).message}\n`);
  process.exit(1);
}
