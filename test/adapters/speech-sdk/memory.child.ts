import { AzureEmulator } from "../../../src/adapters/azure-emulator/index.ts";
import { SpeechSdkProbe } from "../../../src/adapters/speech-sdk/index.ts";
import { rounds } from "../../situations/long-run.ts";

const DEADLINE_MS = 60_000;
const ROUNDS = rounds(60, 500);

const emulator = new AzureEmulator({ logLimit: 10 });
emulator.setDefaultScenario({ kind: "works" });
const probe = new SpeechSdkProbe({ baseUrl: await emulator.start() });
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

let failed = await run(30);
const before = heapBytes();
failed += await run(ROUNDS);
process.stdout.write(JSON.stringify({ grownBytes: heapBytes() - before, failed }));
await emulator.close();
