import { pino } from "pino";
import { expect, it, onTestFinished } from "vitest";
import { createHttpApp, listen } from "../../../src/adapters/http/index.ts";
import { createInMemoryPorts, SystemClock } from "../../../src/adapters/in-memory/index.ts";
import { createKeyPool } from "../../../src/application/index.ts";
import { run } from "../../../src/bootstrap/cli/run.ts";
import { WrittenTerminal } from "./written-terminal.ts";

it("finds each of many keys, on whichever page, and none where it was deleted", async () => {
  const clock = new SystemClock();
  const pool = createKeyPool(createInMemoryPorts(clock));
  await pool.start();
  const app = createHttpApp({ pool, clock, log: pino({ level: "silent" }), version: "1" });
  const server = await listen(app);
  onTestFinished(async () => void (await pool.stop(server.close())));
  for (let id = 1; id <= 2200; id++)
    await pool.addKey.execute({ service: "speech", secret: `made-up-key-${id}`, region: "eastasia" });
  for (const id of [1, 1200, 2200]) await pool.deleteKey.execute("speech", String(id));

  const shown = async (id: number) => {
    const terminal = new WrittenTerminal();
    const code = await run(["keys", "show", String(id), "--json", "--url", server.url], {}, terminal);
    return code === 0 ? JSON.parse(terminal.written).id : terminal.beside;
  };
  for (const id of [2, 1001, 1199, 1201, 2199]) expect(await shown(id)).toBe(id);
  for (const id of [1, 1200, 2200, 99_999]) expect(await shown(id)).toBe(`There is no key ${id}\n`);
});
