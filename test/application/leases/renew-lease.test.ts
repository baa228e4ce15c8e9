import { expect, it } from "vitest";
import type { KeyLease } from "../../../src/application/index.ts";
import { leaseName } from "../../../src/domain/index.ts";
import { openWorld, secretOf } from "../../../src/testing/pool.ts";

const PLACE = { service: "speech", region: "eastasia" } as const;

it("renews nothing for a client that has had its keys for an hour", async () => {
  const { pool, clock } = await openWorld();
  for (const number of [1, 2]) {
    await pool.addKey.execute({ ...PLACE, secret: secretOf(number), maxInFlight: 1 });
  }
  await pool.settings.save({ name: "client_distinct_keys_per_hour", value: "1" });
  const lease = (client?: string) =>
    pool.leases?.lease.execute({ pool: PLACE, ttlSeconds: 10 }, undefined, client);
  const leased = async (client?: string) =>
    leaseName(((await lease(client)) as Extract<KeyLease, { status: "leased" }>).lease);
  const renew = (name: string) =>
    pool.leases?.renew.execute({ lease: name, ttlSeconds: 3600 }, undefined, "client");
  const [own, other] = [await leased("client"), await leased()];
  await expect(renew(other)).rejects.toMatchObject({ code: "budget_exhausted" });
  expect(await renew(own)).toMatchObject({ keyId: 1 });
  clock.advance(10_000);
  expect(await lease()).toMatchObject({ status: "leased", key: { id: 2 } });
});

it("counts no key for the renewal of a lease that is over", async () => {
  const { pool } = await openWorld();
  await pool.addKey.execute({ ...PLACE, secret: secretOf(1), maxInFlight: 1 });
  await pool.addKey.execute({ ...PLACE, region: "westus", secret: secretOf(2) });
  await pool.settings.save({ name: "client_distinct_keys_per_hour", value: "1" });
  const over = { lease: `1.${"x".repeat(22)}` };
  await expect(pool.leases?.renew.execute(over, undefined, "client")).rejects.toMatchObject({
    code: "lease_not_found",
  });
  const westus = { ...PLACE, region: "westus" };
  expect(await pool.leases?.lease.execute({ pool: westus }, undefined, "client")).toMatchObject({
    status: "leased",
  });
});
