import { createRequire } from "node:module";

const { cache } = createRequire(import.meta.url);

function modulesOfTheSdk(): number {
  return Object.keys(cache).filter((path) => path.includes("cognitiveservices-speech-sdk")).length;
}

const { SpeechSdkProbe } = await import("../../../src/adapters/speech-sdk/index.ts");
const imported = modulesOfTheSdk();
const probe = new SpeechSdkProbe({ baseUrl: "http://127.0.0.1:1" });
const constructed = modulesOfTheSdk();
await probe.recognize({ secret: "some-secret", region: "eastasia" }, 5000);

process.stdout.write(JSON.stringify({ imported, constructed, probed: modulesOfTheSdk() }));
