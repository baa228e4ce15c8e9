import "reflect-metadata";
import { once } from "node:events";
import { pino } from "pino";
import { AzureEmulator } from "../adapters/azure-emulator/index.ts";
import { readConfig } from "./config.ts";
import { Client } from "./demo/client.ts";
import { Story } from "./demo/story.ts";
import { whenNpmIsGone } from "./parent-gone.ts";
import { startServer } from "./server.ts";

const options = new Set(process.argv.slice(2));
const length = options.has("--brief")
  ? { workMs: 1800, cooldownSeconds: 1, probeTimeoutSeconds: 2 }
  : { workMs: 18_000, cooldownSeconds: 3, probeTimeoutSeconds: 2 };

const over = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => over.abort());
whenNpmIsGone(() => over.abort());

const azure = new AzureEmulator();
const azureUrl = await azure.start();
const config = readConfig({
  PORT: process.env.PORT ?? "0",
  DATABASE_URL: "sqlite::memory:",
  AZURE_SPEECH_URL: azureUrl,
  AZURE_TRANSLATOR_URL: azureUrl,
});
const server = await startServer({ config, logger: pino({ level: "silent" }), version: "demo" });
try {
  console.log(`The API: ${server.url}/api   An emulated Azure: ${azureUrl}`);
  console.log("No Azure account is used; all keys are made up and end with this demonstration.");
  await new Story(new Client(server.url, azureUrl), azure, over.signal, length).play();
  if (options.has("--stay") && !over.signal.aborted) {
    console.log(`\nStill serving ${server.url}/api, for example /keys/get?region=eastasia. Ctrl-C ends it.`);
    await once(over.signal, "abort");
  } else if (!over.signal.aborted) {
    console.log("\nThat is all. With --stay the API keeps running, so that you can try it yourself.");
  }
} finally {
  await server.stop();
  await azure.close();
}
