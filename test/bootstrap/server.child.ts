import "reflect-metadata";
import { createRequire } from "node:module";
import { pino } from "pino";
import { readConfig } from "../../src/bootstrap/config.ts";
import { startServer } from "../../src/bootstrap/server.ts";

const { cache } = createRequire(import.meta.url);
const sdkModules = () =>
  Object.keys(cache).filter((path) => path.includes("cognitiveservices-speech-sdk")).length;

const config = readConfig({
  PORT: "0",
  DATABASE_URL: "sqlite::memory:",
  AZURE_SPEECH_URL: "http://127.0.0.1:1",
});
const server = await startServer({ config, logger: pino({ level: "silent" }), version: "1.2.3" });
const started = sdkModules();
const answer = await fetch(`${server.url}/api/keys/test`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ key: "some-secret", region: "eastasia" }),
});
const { code } = (await answer.json()) as { code: string };
await server.stop();
process.stdout.write(JSON.stringify({ started, tested: sdkModules(), status: answer.status, code }));
