import { SpeechSdkProbe } from "../../../src/adapters/speech-sdk/index.ts";
import type { Verdict } from "../../../src/domain/index.ts";

/** One probe of each kind, as it is handed to the child process. */
export interface Order {
  readonly name: string;
  readonly baseUrl: string;
  readonly secret: string;
  readonly region: string;
  readonly deadlineMs: number;
}

export interface Outcome {
  readonly name: string;
  readonly synthesis: Verdict;
  readonly recognition: Verdict;
}

async function carryOut({ name, baseUrl, deadlineMs, ...target }: Order): Promise<Outcome> {
  const probe = new SpeechSdkProbe({ baseUrl });
  const [{ verdict: synthesis }, { verdict: recognition }] = await Promise.all([
    probe.synthesize(target, "Hello.", deadlineMs),
    probe.recognize(target, deadlineMs),
  ]);
  return { name, synthesis, recognition };
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const orders = JSON.parse(Buffer.concat(chunks).toString()) as readonly Order[];

// Loading the SDK is not what the deadlines are about.
await new SpeechSdkProbe({ baseUrl: "http://127.0.0.1:1" }).recognize(
  { secret: "warming-up", region: "here" },
  5000,
);

// A few at a time, so that the probes that answer at once are not kept waiting by each other.
const waiting = [...orders];
const outcomes: Outcome[] = [];
async function work(): Promise<void> {
  for (let order = waiting.shift(); order; order = waiting.shift()) outcomes.push(await carryOut(order));
}
await Promise.all(Array.from({ length: 8 }, work));

// No process.exit: whatever a probe left open keeps this process, and fails the test.
process.stdout.write(JSON.stringify(outcomes));
