import { beforeEach, describe, expect, it } from "vitest";
import type { KeyLease } from "../../../src/application/index.ts";
import { leaseName } from "../../../src/domain/index.ts";
import { logged, openWorld, secretOf, type World } from "../../../src/testing/pool.ts";

const PLACE = { service: "speech", region: "eastasia" } as const;

let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.pool.addKey.execute({ ...PLACE, secret: secretOf(1), maxInFlight: 1 });
});

const ask = (client?: string) => world.pool.leases?.lease.execute({ pool: PLACE }, undefined, client);
const leased = async (client?: string): Promise<string> =>
  leaseName(((await ask(client)) as Extract<KeyLease, { status: "leased" }>).lease);
const release = (lease: string, code?: number, client?: string) =>
  world.pool.leases?.release.execute({ lease, ...(code && { code }) }, undefined, client);
const actions = async () => (await logged(world.pool)).map(({ action }) => action);
const disables = (perHour: number) =>
  world.pool.settings.save({ name: "client_disables_per_hour", value: String(perHour) });

describe("a release whose report cannot be taken in", () => {
  it.each([
    [200, { action: "keep_enabled", statusChanged: false }, "set_status"],
    [429, { action: "skip", reason: "cooling", statusChanged: false }, "cooldown_start"],
  ])("leaves a lease that can be released with it again, code %i", async (code, report, action) => {
    const lease = await leased();
    world.log.break("append");
    world.keys.break("settle");
    await expect(release(lease, code)).rejects.toMatchObject({ code: "storage_unavailable" });
    if (code === 200) expect((await ask())?.status).toBe("all-busy");
    world.log.mend();
    world.keys.mend();
    await world.pool.jobs.run("write owed changes");
    expect(await release(lease, code)).toEqual({ status: "returned", report });
    expect(await actions()).toContain(action);
    expect(await release(lease, code)).toEqual({ status: "gone" });
  });

  it("leaves it for a minute, for nobody may come again", async () => {
    const lease = await leased();
    world.log.break("append");
    await expect(release(lease, 200)).rejects.toMatchObject({ code: "storage_unavailable" });
    world.clock.advance(59_999);
    expect((await ask())?.status).toBe("all-busy");
    world.clock.advance(1);
    expect((await ask())?.status).toBe("leased");
    world.log.mend();
    expect(await release(lease, 200)).toEqual({ status: "gone" });
  });

  it("for the client's budget, leaves the lease as it was", async () => {
    await disables(0);
    const lease = await leased("client");
    await expect(release(lease, 401, "client")).rejects.toMatchObject({ code: "budget_exhausted" });
    expect((await ask())?.status).toBe("all-busy");
    expect(await release(lease, undefined, "client")).toEqual({ status: "returned", report: null });
  });
});

it("spends no budget on the report of a lease that has ended before", async () => {
  await disables(1);
  await world.pool.addKey.execute({ ...PLACE, secret: secretOf(2), maxInFlight: 1 });
  const [ended, running] = [await leased("client"), await leased("client")];
  await release(ended);
  expect(await release(ended, 401, "client")).toEqual({ status: "gone" });
  expect(await release(running, 401, "client")).toMatchObject({ report: { action: "disable" } });
});
