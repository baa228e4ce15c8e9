import { createRequire } from "node:module";
import { AzureEmulator } from "../../../src/adapters/azure-emulator/index.ts";
import { rounds } from "../../situations/long-run.ts";

/** What the test is told. */
export interface Told {
  /** How many modules of the SDK were there at each time. */
  readonly modules: { readonly imported: number; readonly constructed: number; readonly probed: number };
  readonly grownBytes: number;
  readonly failed: number;
}

const DEADLINE_MS = 60_000;
const ROUNDS = rounds(30, 500);

const { cache } = createRequire(import.meta.url);

function modulesOfTheSdk(): number {
  return Object.keys(cache).filter((path) => path.includes("cognitiveservices-speech-sdk")).length;
}

const { SpeechSdkProbe } = await import("../../../src/adapters/speech-sdk/index.ts");
const imported = modulesOfTheSdk();
const emulator = new AzureEmulator({ logLimit: 10 });
emulator.setDefaultScenario({ kind: "works" });
const probe = new SpeechSdkProbe({ baseUrl: await emulator.start() });
const constructed = modulesOfTheSdk();
const target = { secret: "a-key-of-many-probes", region: "eastasia" };

async function run(rounds: number): Promise<number> {
  let failed = 0;
  for (let round = 0; round < rounds; round++) {
    const { verdict: spoken } = await probe.synthesize(target, "Hello.", DEADLINE_MS);
    const { verdict: heard } = await probe.recognize(target, DEADLINE_MS);
    if (spoken.code !== 200 || heard.code !== 200) failed++;
  }
  return failed;
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

let failed = await run(1);
const modules = { imported, constructed, probed: modulesOfTheSdk() };
failed += await run(20);
const before = heapBytes();
failed += await run(ROUNDS);
const told: Told = { modules, grownBytes: heapBytes() - before, failed };
process.stdout.write(JSON.stringify(told));
await emulator.close();
