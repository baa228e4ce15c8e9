import { expect, it } from "vitest";
import { createInMemoryPorts } from "../../../src/adapters/in-memory/index.ts";
import { createKeyPool } from "../../../src/application/index.ts";
import { handOut, openWorld, secretOf } from "../../../src/testing/pool.ts";

it("takes a region in any case, as every other use case does", async () => {
  const { pool } = await openWorld();
  await pool.addKey.execute({ service: "speech", region: "EastAsia", secret: secretOf(1) });
  expect([await handOut(pool, "EASTASIA"), await handOut(pool, "eastasia")]).toEqual([1, 1]);
  expect(await handOut(pool, "WestUS")).toBe("no-key");
  await expect(handOut(pool, "no/where")).rejects.toMatchObject({ code: "invalid_request" });
});

it("does not call a pool empty whose keys have not been loaded", async () => {
  const ports = createInMemoryPorts();
  const before = await openWorld(undefined, ports);
  await before.pool.addKey.execute({ service: "speech", region: "eastasia", secret: secretOf(1) });
  const restarted = createKeyPool({ ...ports, cooldowns: createInMemoryPorts().cooldowns });
  await expect(handOut(restarted)).rejects.toThrow("started");
  await restarted.start();
  expect(await handOut(restarted)).toBe(1);
});
