import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AzureEmulator } from "../../../src/adapters/azure-emulator/index.ts";
import { SpeechSdkProbe } from "../../../src/adapters/speech-sdk/index.ts";
import { isLongRun } from "../../situations/long-run.ts";
import type { Told } from "./many-probes.child.ts";

/** Far more than an answer takes on a busy machine. */
const DEADLINE_MS = 100_000;

const emulator = new AzureEmulator();
let probe: SpeechSdkProbe;

beforeAll(async () => {
  probe = new SpeechSdkProbe({ baseUrl: await emulator.start() });
});

afterAll(() => emulator.close());

function target(secret: string) {
  return { secret, region: "eastasia" };
}

describe("speech probe", () => {
  it("counts the audio of a working key", async () => {
    emulator.setScenario("key-that-sings", { kind: "works", audioBytes: 12_345 });
    const outcome = await probe.synthesize(
      target("key-that-sings"),
      '<Hello> & "good" day\'s 你好',
      DEADLINE_MS,
    );
    expect(outcome).toMatchObject({ verdict: { code: 200, source: "service" }, audioSize: 12_345 });
  });

  it("answers what a working key heard, and Azure's answer as it came", async () => {
    emulator.setScenario("key-that-hears", { kind: "works", transcription: "Good morning." });
    expect(await probe.recognize(target("key-that-hears"), DEADLINE_MS)).toMatchObject({
      verdict: { code: 200, source: "service" },
      transcription: "Good morning.",
      recognitionStatus: "Success",
      rawResponse: { RecognitionStatus: "Success", Offset: 500_000, NBest: [{ Display: "Good morning." }] },
    });
  });

  it.each(["NoMatch", "InitialSilenceTimeout", "BabbleTimeout"])(
    "takes %s for a working key that heard nothing",
    async (status) => {
      emulator.setScenario(`key-${status}`, { kind: "phrase", status });
      expect(await probe.recognize(target(`key-${status}`), DEADLINE_MS)).toMatchObject({
        verdict: { code: 200 },
        transcription: "",
        recognitionStatus: status,
        rawResponse: { RecognitionStatus: status },
      });
    },
  );

  it("keeps Azure's answer when it refuses", async () => {
    emulator.setScenario("key-without-quota", { kind: "phrase", status: "Forbidden" });
    expect(await probe.recognize(target("key-without-quota"), DEADLINE_MS)).toMatchObject({
      verdict: { code: 403, source: "service", reason: expect.stringMatching(/^quota_spent/) },
      transcription: "",
      recognitionStatus: "Forbidden",
      rawResponse: { RecognitionStatus: "Forbidden" },
    });
  });

  it("answers how long a throttled key is asked to wait", async () => {
    emulator.setScenario("key-throttled", { kind: "refuse", status: 429, retryAfterSeconds: 7 });
    const expected = { code: 429, source: "service", retryAfterSeconds: 7 };
    const heard = await probe.recognize(target("key-throttled"), DEADLINE_MS);
    expect(heard).toMatchObject({ verdict: expected, recognitionStatus: null, rawResponse: null });
    const spoken = await probe.synthesize(target("key-throttled"), "Hello.", DEADLINE_MS);
    expect(spoken).toMatchObject({ verdict: expected, audioSize: 0 });
  });

  it("masks the key when the answer repeats it", async () => {
    emulator.setScenario("key-that-echoes", { kind: "works", transcription: "key-that-echoes" });
    const { rawResponse } = await probe.recognize(target("key-that-echoes"), DEADLINE_MS);
    expect(JSON.stringify(rawResponse)).toContain('"DisplayText":"key-***"');
  });

  it("answers a deadline that is over before it began", async () => {
    emulator.setScenario("key-in-a-hurry", { kind: "works" });
    const { verdict } = await probe.recognize(target("key-in-a-hurry"), 0);
    expect(verdict).toMatchObject({ code: 504, source: "transport" });
  });

  it("keeps 20 syntheses and 20 recognitions at once apart", async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const secretOf = (number: number) => `crowd-key-${number}`;
    for (const n of numbers) {
      const scenario = {
        kind: "works",
        delayMs: 50,
        transcription: `Number ${n}.`,
        audioBytes: 1000 + n,
      } as const;
      emulator.setScenario(secretOf(n), scenario);
    }
    const spoken = numbers.map((n) => probe.synthesize(target(secretOf(n)), `Number ${n}.`, DEADLINE_MS));
    const heard = numbers.map((n) => probe.recognize(target(secretOf(n)), DEADLINE_MS));
    expect((await Promise.all(spoken)).map(({ audioSize }) => audioSize)).toEqual(
      numbers.map((n) => 1000 + n),
    );
    expect((await Promise.all(heard)).map(({ transcription }) => transcription)).toEqual(
      numbers.map((n) => `Number ${n}.`),
    );
  });

  describe("a process that makes many", () => {
    let told: Told;
    beforeAll(() => {
      const path = fileURLToPath(new URL("many-probes.child.ts", import.meta.url));
      const options = { encoding: "utf8", timeout: 600_000 } as const;
      const { stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", path], options);
      if (stdout === "") throw new Error(stderr);
      told = JSON.parse(stdout) as Told;
    });

    it("loads the SDK with the first probe and not before", () => {
      expect(told.modules).toEqual({ imported: 0, constructed: 0, probed: expect.any(Number) });
      expect(told.modules.probed).toBeGreaterThan(100);
    });

    it("keeps its memory", () => {
      expect(told.failed).toBe(0);
      expect(told.grownBytes).toBeLessThan(isLongRun ? 4_000_000 : 1_500_000);
    });
  });
});
