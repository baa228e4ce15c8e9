import { writeSync } from "node:fs";
import type { DatabaseError } from "../../../../src/adapters/mikro-orm/database-error.ts";
import { openDatabase } from "../../../../src/adapters/mikro-orm/open-database.ts";
import type { Sealing } from "../../../../src/adapters/mikro-orm/secrets/sealing.ts";
import { cooling, keyDraft, logDraft, NOON } from "../../../../src/testing/storage.ts";
import { masterKeyText, testSealing } from "../../../situations/sealing.ts";

// Opens the database and says so. Then `hold` keeps it, `write` writes without end and prints what was
// answered, `forget` writes some, lists them off-thread and leaves the database open. `seal` and a step: seals plain
// secrets and says each step; at that one it stays for ever.
const [url = "", mode = "hold"] = process.argv.slice(2);

try {
  const { keys, log } = await openDatabase({ url, ...(mode.startsWith("seal ") && { sealing: sealing() }) });
  process.stdout.write("open\n");
  if (mode === "hold" || mode.startsWith("seal ")) setInterval(() => {}, 1000);
  else if (mode === "write")
    await Promise.all(Array.from({ length: 20 }, (_, writer) => writeForEver(writer)));
  else {
    await Promise.all(Array.from({ length: 6000 }, () => log.append(logDraft())));
    const { total } = await log.list({ services: ["speech", null], from: 0, offset: 0, limit: 1 });
    process.stdout.write(`listed ${total}\n`);
  }

  function sealing(): Sealing {
    const onStep = (step: string) => {
      // Written before it returns, so that the one who kills this process knows the step.
      writeSync(1, `${step}\n`);
      if (`seal ${step}` === mode) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    };
    const made = testSealing(masterKeyText(), { onStep });
    return {
      ...made,
      open: async (database) => {
        onStep("asked");
        return made.open(database);
      },
    };
  }

  async function writeForEver(writer: number): Promise<void> {
    for (let n = 0; ; n++) {
      const secret = `${process.pid}-${writer}-${n}`;
      const { id } = await keys.add(keyDraft({ secret }), logDraft({ action: "add_key", note: secret }));
      process.stdout.write(`added ${id} ${secret}\n`);
      await keys.settle(id, cooling(NOON + n), logDraft({ keyId: id, action: "cooldown_start" }));
      process.stdout.write(`settled ${id} ${NOON + n}\n`);
      await log.append(logDraft({ note: `report ${secret}` }));
      process.stdout.write(`logged 0 report ${secret}\n`);
    }
  }
} catch (error) {
  const { code, message } = error as DatabaseError;
  process.stdout.write(`failed ${code} ${message}\n`);
  process.exitCode = 1;
}
