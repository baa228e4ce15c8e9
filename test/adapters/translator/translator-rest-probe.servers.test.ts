import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { AzureEmulator } from "../../../src/adapters/azure-emulator/index.ts";

/** Shorter than the deadline of the probes that are answered, so that no deadline can end the process. */
const CHILD_MS = 60_000;

it("leaves nothing open, so that the process ends by itself", async () => {
  const emulator = new AzureEmulator();
  onTestFinished(() => emulator.close());
  await emulator.start();
  emulator.setScenario("key-works", { kind: "works" });
  emulator.setScenario("key-hangs", { kind: "unanswered" });
  emulator.setScenario("key-drops", { kind: "drop", when: "handshake" });
  const script = fileURLToPath(new URL("probe-all.child.ts", import.meta.url));
  const orders = ["key-works 100000", "key-hangs 300", "key-drops 100000", "key-unknown 100000"];
  const child = spawn(process.execPath, [script, emulator.url, ...orders], { timeout: CHILD_MS });
  const output = text(child.stdout);
  expect(await once(child, "close")).toEqual([0, null]);
  expect(JSON.parse(await output)).toEqual([200, 504, 502, 401]);
});
