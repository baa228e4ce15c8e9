import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, readConfig } from "../../src/bootstrap/config.ts";
import { isLongRun } from "../situations/long-run.ts";
import { loadedBy } from "./loaded-by.ts";
import { serveHere } from "./servers.ts";

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test("the server is wired to the probes", async () => {
  const { api } = await serveHere({
    DATABASE_URL: "sqlite::memory:",
    AZURE_SPEECH_URL: "http://127.0.0.1:1",
  });
  const { status, body } = await api.post("/keys/test", { key: "some-secret", region: "eastasia" });
  expect([status, body.code]).toEqual([502, "probe_failed"]);
});

test("what a server imports at its start does not import the SDK", () => {
  const loaded = [...loadedBy("src/bootstrap/main.ts")];
  expect(loaded).toContain("src/adapters/speech-sdk/load-sdk.ts");
  expect(loaded.filter((path) => path.startsWith("microsoft-cognitiveservices-speech-sdk"))).toEqual([]);
});

test.runIf(isLongRun)("a server loads the SDK only when a key is tested", () => {
  const child = join(import.meta.dirname, "server.child.ts");
  const { stdout, stderr } = spawnSync(process.execPath, [child], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({
    started: 0,
    tested: expect.toSatisfy((count: number) => count > 100),
    status: 502,
    code: "probe_failed",
  });
});

test.each([
  ["AZURE_SPEECH_URL", "http://127.0.0.1:8080", []],
  ["AZURE_SPEECH_URL", "https://emulator", []],
  ["AZURE_SPEECH_URL", "http://127.0.0.1:8080/path", ["AZURE_SPEECH_URL"]],
  ["AZURE_SPEECH_URL", "ftp://emulator", ["AZURE_SPEECH_URL"]],
  ["AZURE_SPEECH_URL", "emulator", ["AZURE_SPEECH_URL"]],
  ["AZURE_TRANSLATOR_URL", "http://127.0.0.1:8080/path", []],
  ["AZURE_TRANSLATOR_URL", "ws://emulator", ["AZURE_TRANSLATOR_URL"]],
])("%s=%s is judged by the probe itself, before anything opens", (name, value, bad) => {
  expect(problemsOf({ [name]: value }).map((problem) => problem.split(":")[0])).toEqual(bad);
});

test("every bad URL is reported at once, with the other bad values", () => {
  const environment = { PORT: "x", AZURE_SPEECH_URL: "x", AZURE_TRANSLATOR_URL: "x" };
  expect(problemsOf(environment)).toHaveLength(3);
});
