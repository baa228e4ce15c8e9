import { expect, it } from "vitest";
import { createInMemoryPorts, ManualClock } from "../../../src/adapters/in-memory/index.ts";
import { createKeyPool, type KeyPool } from "../../../src/application/index.ts";

const SECRET = "My-Secret/0001";
const SPOKEN = [
  "My-Secret/0001",
  "MY-SECRET/0001",
  "my-secret/0001",
  "the my-secret/0001 one",
  "第 My-Secret/0001",
];

async function openPool(): Promise<KeyPool> {
  const pool = createKeyPool(createInMemoryPorts(new ManualClock()));
  await pool.start();
  await pool.addKey.execute({ service: "translation", secret: SECRET.toLowerCase(), region: "global" });
  await pool.addKey.execute({ service: "speech", secret: "another-one", region: "eastasia" });
  return pool;
}

const refused = (field: string) => ({ code: "invalid_request", problems: [{ field }] });

it.each(SPOKEN)("a key of the pool is refused where it would be shown: %s", async (text) => {
  const pool = await openPool();
  const key = { service: "speech", secret: "a-third-one", region: "eastasia" } as const;
  await expect(pool.addKey.execute({ ...key, name: text })).rejects.toMatchObject(refused("name"));
  await expect(pool.addKey.execute({ ...key, tag: text })).rejects.toMatchObject(refused("tag"));
  await expect(pool.updateKey.execute("speech", "2", { name: text })).rejects.toMatchObject(refused("name"));
  const setting = { name: "note", value: "1" };
  await expect(pool.settings.save({ ...setting, value: text })).rejects.toMatchObject(refused("value"));
  await expect(pool.settings.save({ ...setting, description: text })).rejects.toMatchObject(
    refused("description"),
  );
  expect(pool.holdsSecret(text)).toBe(true);
  await pool.stop();
});

it.each(SPOKEN)("a key of the pool is masked in a note about another one: %s", async (text) => {
  const pool = await openPool();
  await pool.reportCode.execute({
    service: "speech",
    secret: "another-one",
    code: 500,
    note: `after ${text}`,
  });
  const { entries } = await pool.listLogs.execute({ services: ["speech"], offset: 0, limit: 1 });
  expect(entries[0]?.note?.toLowerCase()).toMatch(/^after .*my-s\*\*\*/);
  await pool.stop();
});

it("a row of an import whose name is a key of the pool is wrong, and the others are not", async () => {
  const pool = await openPool();
  const row = (secret: string, name: string) => ({ secret, region: "eastasia", name });
  const parts = [[row("row-secret-1", "first"), row("row-secret-2", `it is ${SECRET}`)]];
  const options = { validateBeforeCreate: false };
  const { results } = await pool.importKeys.execute({ service: "speech", parts, options });
  expect(results).toMatchObject([{ status: "created" }, { status: "failed", problems: [{ field: "name" }] }]);
  await pool.stop();
});

it("other words pass", async () => {
  const pool = await openPool();
  expect(pool.holdsSecret("my-secret/000 and my-secret/00011, another one")).toBe(false);
  await pool.stop();
});
