import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { openJsonStorage } from "../../examples/own-storage-adapter/open-json-storage.ts";
import {
  HEALTH_INDICATORS,
  KEY_REPOSITORY,
  LOG,
  readConfig,
  SETTING_REPOSITORY,
  startServer,
  TRANSLATION_PROBE,
} from "../../src/bootstrap/index.ts";

const SECRET = "00112233445566778899aabbccddeeff";

test("the server runs on adapters that are bound to the tokens of ports", async () => {
  const folder = await mkdtemp(join(tmpdir(), "own-adapter-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "keys.json");
  const verdict = { code: 200, source: "service", reason: "as it was made to say" } as const;
  const server = await startServer({
    config: readConfig({ PORT: "0", DATABASE_URL: "sqlite::memory:" }),
    logger: pino({ level: "silent" }),
    version: "1.2.3",
    adapt: async (container) => {
      const { keys, log, settings } = await openJsonStorage(path);
      container.rebind(KEY_REPOSITORY).toConstantValue(keys);
      container.rebind(LOG).toConstantValue(log);
      container.rebind(SETTING_REPOSITORY).toConstantValue(settings);
      container.rebind(HEALTH_INDICATORS).toConstantValue([]);
      container.rebind(TRANSLATION_PROBE).toConstantValue({
        translate: async () => ({ verdict, translation: "hallo", rawResponse: null }),
      });
    },
  });
  const post = async (path: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${server.url}/api${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return response.json();
  };
  try {
    await post("/translation/keys", { key: SECRET, region: "global" });
    expect(await post("/translation/keys/test", { key: SECRET, region: "global" })).toMatchObject({
      success: true,
    });
  } finally {
    await server.stop();
  }
  const again = await openJsonStorage(path);
  expect(await again.keys.findBySecret("translation", SECRET)).toMatchObject({ region: "global" });
});
